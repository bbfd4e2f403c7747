// One Adam step (Kingma and Ba, 1412.6980) in PyTorch's form, for B weights next to each other that are aligned to all
// of them.
//
//   m = beta1*m + (1-beta1)*g;  v = beta2*v + (1-beta2)*g*g;  w -= lr/(1-beta1^t) * m / (sqrt(v)/sqrt(1-beta2^t) +
//   epsilon)
//
// rate and inverse_root come from the step buffer (step.cl).
//
// Defined before this source: B, BETA1 and REST1 = 1 - beta1 (rounded once, from double), BETA2, REST2, EPSILON.

typedef VEC(B) A;

static inline void adam_update(__global float *w, __global float *m, __global float *v, A gradient, float rate,
                               float inverse_root)
{
    const A m1 = ALIGNED_B(B, m) * BETA1 + gradient * REST1;
    const A v1 = ALIGNED_B(B, v) * BETA2 + gradient * gradient * REST2;
    STORE_ALIGNED_B(B, m1, m);
    STORE_ALIGNED_B(B, v1, v);
    STORE_ALIGNED_B(B, ALIGNED_B(B, w) - m1 * rate / (sqrt(v1) * inverse_root + EPSILON), w);
}
