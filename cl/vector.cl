// Vectors of B floats, for any power of two B from 1 to 16, under one set of names. Comes before every other source.
//
//   VEC(B)         the type
//   LOAD_B(B, p)   loads B floats from p (aligned to 4 bytes only)
//   STORE_B(B, v, p)
//   ALIGNED_B(B, p) loads B floats from p, which is aligned to all of them; STORE_ALIGNED_B(B, v, p)
//   SUM_LANES(B, v)
//
// And EACH(i, count), a loop that is unrolled.
//
// Work-groups, before a kernel:
//   GROUP          any: its work-items know nothing of one another. With SINGLE_GROUPS 1 (CPUs) each is one work-item,
//                  and the compiler, which knows it, makes no loop around the kernel
//   GROUP_OF(size) exactly `size` work-items in a row
//   WAVE_OF(size)  the same, and they run in step: a wave (sub-group, warp) of 16, 32 or 64
// and in it:
//   GROUP_ID(d, size)  which group of `size` work-items along dimension d this is. A launch may be a piece of a larger
//                      one and then begins at an offset (plan/split.c)
//   UNIFORM(x)         x, which is the same in all work-items of a wave

#pragma OPENCL FP_CONTRACT ON

#if SINGLE_GROUPS
#define GROUP __attribute__((reqd_work_group_size(1, 1, 1)))
#else
#define GROUP
#endif
#define GROUP_OF(size) __attribute__((reqd_work_group_size(size, 1, 1)))
#ifdef cl_intel_required_subgroup_size
#define WAVE_16 __attribute__((intel_reqd_sub_group_size(16)))
#else
#define WAVE_16
#endif
#define WAVE_32
#define WAVE_64
#define WAVE_OF(size) GROUP_OF(size) PASTE(WAVE_, size)
// The division is by a constant: get_local_size() may be smaller in the last group, so it would be one at run time.
#define GROUP_ID(d, size) ((uint)get_group_id(d) + (uint)get_global_offset(d) / (size))
// AMD's compiler keeps what comes out of a division, and all that follows from it, in vector registers.
#ifdef __AMDGCN__
#define UNIFORM(x) ((uint)__builtin_amdgcn_readfirstlane(x))
#else
#define UNIFORM(x) (x)
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
#define ALIGNED_B(b, p) (*(__global const VEC(b) *)(p))
#define STORE_ALIGNED_B(b, v, p) (*(__global VEC(b) *)(p) = (v))

// Kernels over pixels with blocks of B channels, of which a work-item handles VW (B on CPUs), so that neighbours touch
// neighbouring memory: the first of its channels, and which pixel, or run of pixels, is its.
#define LANE_OF(item) ((int)(item) % (B / (VW)) * (VW))
#define RUN_OF(item) ((int)(item) / (B / (VW)))

#define EACH(i, count) _Pragma("unroll") for (int i = 0; i < (count); i++)

static inline float sum1(float v) { return v; }
static inline float sum2(float2 v) { return v.x + v.y; }
static inline float sum4(float4 v) { return sum2(v.lo + v.hi); }
static inline float sum8(float8 v) { return sum4(v.lo + v.hi); }
static inline float sum16(float16 v) { return sum8(v.lo + v.hi); }
#define SUM_LANES(b, v) PASTE(sum, b)(v)
