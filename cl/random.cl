// Philox4x32-10 (Salmon et al., SC 2011), and dropout masks and mixtures from it, the same bits on every device and in
// every layout.
//
// Element e, counted with channels fastest (N,H,W,C), takes word e % 4 of Philox(key = seed, counter = (e / 4, id,
// step)) and is kept when (word >> 8) * 2^-24 >= probability. A mixture's samples are counted the same way.
//
// Defined before this source: VW, the channels that a work-item handles at once.

// Counters of which the words are made side by side.
#if VW >= 16
#define QUADS 4
#elif VW == 8
#define QUADS 2
#else
#define QUADS 1
#endif
// The words of the first counter.
#if QUADS == 1
#define FIRST(v) (v)
#define FLOATS_OF(v) convert_float(v)
#else
#define FIRST(v) ((v).s0)
#define FLOATS_OF(v) PASTE(convert_float, QUADS)(v)
#endif
typedef uint uint1;
typedef PASTE(uint, QUADS) UQ;
typedef VEC(QUADS) FQ;
typedef VEC(VW) VR;

// The four words of each counter, whose parts x to w are.
static inline void philox(UQ x, UQ y, UQ z, UQ w, uint2 key, UQ words[4])
{
    for (int round = 0; round < 10; round++) {
        const UQ high0 = mul_hi((UQ)(0xD2511F53u), x), low0 = 0xD2511F53u * x;
        const UQ high1 = mul_hi((UQ)(0xCD9E8D57u), z), low1 = 0xCD9E8D57u * z;
        x = high1 ^ y ^ key.x;
        y = low1;
        z = high0 ^ w ^ key.y;
        w = low0;
        key += (uint2)(0x9E3779B9u, 0xBB67AE85u);
    }
    words[0] = x;
    words[1] = y;
    words[2] = z;
    words[3] = w;
}

// `first` is the index of lane 0; lanes are consecutive channels.
static inline VR dropout(VR x, float probability, float scale, __global const step_data *step, uint id, uint first)
{
#if QUADS == 4
    const UQ quads = first / 4 + (uint4)(0, 1, 2, 3);
#elif QUADS == 2
    const UQ quads = first / 4 + (uint2)(0, 1);
#else
    // With VW < 4 the lanes are part of one group of four, since VW divides the number of channels and is a power of
    // two.
    const UQ quads = first / 4;
#endif
    UQ words[4];
    FQ k[4];
    philox(quads, (UQ)(id), (UQ)(step->step[0]), (UQ)(step->step[1]), (uint2)(step->seed[0], step->seed[1]), words);
    EACH(i, 4) k[i] = FLOATS_OF(words[i] >> 8) * 0x1p-24f >= probability ? (FQ)(scale) : (FQ)(0.0f);
#if QUADS == 4
    return x * (VR)(k[0].s0, k[1].s0, k[2].s0, k[3].s0, k[0].s1, k[1].s1, k[2].s1, k[3].s1, k[0].s2, k[1].s2, k[2].s2,
                    k[3].s2, k[0].s3, k[1].s3, k[2].s3, k[3].s3);
#elif QUADS == 2
    return x * (VR)(k[0].s0, k[1].s0, k[2].s0, k[3].s0, k[0].s1, k[1].s1, k[2].s1, k[3].s1);
#else
    return x * LOAD_B(VW, k + (VW < 4 ? first % 4 : 0));
#endif
}

// Of picture n, in [0,1).
static inline float mixture(__global const step_data *step, uint id, uint n)
{
    const uint2 key = (uint2)(step->seed[0], step->seed[1]);
    UQ words[4];
    philox((UQ)(n / 4), (UQ)(id), (UQ)(step->step[0]), (UQ)(step->step[1]), key, words);
    return (float)(FIRST(words[n % 4]) >> 8) * 0x1p-24f;
}
