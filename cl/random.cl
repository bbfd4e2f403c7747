// Philox4x32-10 (Salmon et al., SC 2011), and dropout masks and mixtures from it, the same bits on every device and in
// every layout.
//
// Element e, counted with channels fastest (N,H,W,C), takes word e % 4 of Philox(key = seed, counter = (e / 4, id,
// step)) and is kept when (word >> 8) * 2^-24 >= probability. A mixture's samples are counted the same way.
//
// Defined before this source: VW, the channels that a work-item handles at once.

typedef VEC(VW) VR;

static inline uint4 philox(uint4 counter, uint2 key)
{
    for (int round = 0; round < 10; round++) {
        const uint high0 = mul_hi(0xD2511F53u, counter.x), low0 = 0xD2511F53u * counter.x;
        const uint high1 = mul_hi(0xCD9E8D57u, counter.z), low1 = 0xCD9E8D57u * counter.z;
        counter = (uint4)(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0);
        key += (uint2)(0x9E3779B9u, 0xBB67AE85u);
    }
    return counter;
}

// `first` is the index of lane 0; lanes are consecutive channels.
static inline VR dropout(VR x, float probability, float scale, __global const step_data *step, uint id, uint first)
{
    const uint2 key = (uint2)(step->seed[0], step->seed[1]);
    float keep[VW < 4 ? 4 : VW];
    for (int lane = 0; lane < VW; lane += 4) {
        // With VW < 4 the lanes are part of one group of four, since VW divides the number of channels and is a power
        // of two.
        const uint4 word = philox((uint4)((first + lane) / 4, id, step->step[0], step->step[1]), key);
        const float4 u = convert_float4(word >> 8) * 0x1p-24f;
        vstore4(select((float4)(0.0f), (float4)(scale), u >= (float4)(probability)), 0, keep + lane);
    }
    return x * LOAD_B(VW, keep + (VW < 4 ? first % 4 : 0));
}

// Of picture n, in [0,1).
static inline float mixture(__global const step_data *step, uint id, uint n)
{
    const uint4 word = philox((uint4)(n / 4, id, step->step[0], step->step[1]), (uint2)(step->seed[0], step->seed[1]));
    const uint words[4] = {word.x, word.y, word.z, word.w};
    return (float)(words[n % 4] >> 8) * 0x1p-24f;
}
