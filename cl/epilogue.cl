// How a convolution ends: bias and activation of sums for LANES channels.
//
//   y = act(sum + bias)        ACT 0: nothing more, 1: leaky ReLU with slope SLOPE, 2: tanh
//
// Defined before this source: LANES; HAS_BIAS 0/1; ACT; SLOPE.

typedef VEC(LANES) E;

#if HAS_BIAS
#define ADD_BIAS(lanes, sum, bias) ((sum) + LOAD_B(lanes, bias))
#else
#define ADD_BIAS(lanes, sum, bias) (sum)
#endif

static inline E activate(E sum)
{
#if ACT == 1
    sum = sum > (E)(0.0f) ? sum : sum * SLOPE;
#elif ACT == 2
    sum = tanh(sum);
#endif
    return sum;
}

// `bias` points at that of the first lane.
static inline E finish(E sum, __global const float *bias)
{
    return activate(ADD_BIAS(LANES, sum, bias));
}
