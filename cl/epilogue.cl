// How a convolution ends: bias and activation of sums for LANES channels.
//
//   y = act(sum + bias)        ACT 0: nothing more, 1: leaky ReLU with slope SLOPE, 2: tanh
//
// Defined before this source: LANES; HAS_BIAS 0/1; ACT; SLOPE.

typedef VEC(LANES) E;

// `bias` points at that of the first lane.
static inline E finish(E sum, __global const float *bias)
{
#if HAS_BIAS
    sum += LOAD_B(LANES, bias);
#endif
#if ACT == 1
    sum = sum > (E)(0.0f) ? sum : sum * SLOPE;
#elif ACT == 2
    sum = tanh(sum);
#endif
    return sum;
}
