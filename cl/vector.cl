// Vectors of B floats, for any power of two B from 1 to 16, under one set of names. Comes before every other source.
//
//   VEC(B)         the type
//   LOAD_B(B, p)   loads B floats from p (aligned to 4 bytes only)
//   STORE_B(B, v, p)
//   SUM_LANES(B, v)
//
// And EACH(i, count), a loop that is unrolled.
//
// SINGLE_GROUPS 1: every work-group is one work-item (CPUs). The compiler then knows it and makes no loop around the
// kernel.

#pragma OPENCL FP_CONTRACT ON

#if SINGLE_GROUPS
#define GROUP __attribute__((reqd_work_group_size(1, 1, 1)))
#else
#define GROUP
#endif

typedef float float1;
#define load_1(p) (*(p))
#define load_2(p) vload2(0, p)
#define load_4(p) vload4(0, p)
#define load_8(p) vload8(0, p)
#define load_16(p) vload16(0, p)
#define store_1(v, p) (*(p) = (v))
#define store_2(v, p) vstore2(v, 0, p)
#define store_4(v, p) vstore4(v, 0, p)
#define store_8(v, p) vstore8(v, 0, p)
#define store_16(v, p) vstore16(v, 0, p)

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define VEC(b) PASTE(float, b)
#define LOAD_B(b, p) PASTE(load_, b)(p)
#define STORE_B(b, v, p) PASTE(store_, b)(v, p)

#define EACH(i, count) _Pragma("unroll") for (int i = 0; i < (count); i++)

static inline float sum1(float v) { return v; }
static inline float sum2(float2 v) { return v.x + v.y; }
static inline float sum4(float4 v) { return sum2(v.lo + v.hi); }
static inline float sum8(float8 v) { return sum4(v.lo + v.hi); }
static inline float sum16(float16 v) { return sum8(v.lo + v.hi); }
#define SUM_LANES(b, v) PASTE(sum, b)(v)
