// Winograd's minimal filtering with two taps along one side, and how transformed maps are stored: for 4x4 convolutions,
// and for 3x3 ones of stride 2.
//
// Points 0, 1, -1 and infinity alone, so that rounding stays near that of direct sums:
//
//   STRIDE 2   The larger map is split into its four phases (even and odd rows and columns), each with 2x2 of the taps:
//              F(MxM, 2x2), M 2 or 3, 9 products where a direct sum takes 16, or 16 where it takes 36.
//   STRIDE 1   F(2x2, 2x2) nested over F(2x2, 2x2): the outer one makes 9 convolutions with 2x2 taps of maps of half
//              the size, the inner one does them. 81 products for 4x4 outputs where a direct sum takes 256.
//
// Along a side a tile has IN inputs, POINTS products, OUT outputs and TAPS weights. Each row function reads values
// STRIDE_A apart and writes values STRIDE_O apart:
//
//   input_row  B^T d     weight_row  G g     output_row  A^T m     gradient_row  A dy     weight_gradient_row  G^T u
//
// Three taps a side with STRIDE 2 are four of which the last is zero: 49 products where a direct sum takes 81, M 3.
//
// Defined before this source: STRIDE 1 or 2; KERNEL 4, or 3 with STRIDE 2; M, 2 with STRIDE 1; GROUP_TILES, RUN_TILES,
// PADDED_RUN (below).

typedef float16 V;

#define TAPS_OF_PHASE 2
#define INNER_POINTS (M + 1)
#if STRIDE == 1
#define IN 7
#define POINTS 9
#define OUT 4
#define TAPS 4
#else
#define IN (M + 1)
#define POINTS INNER_POINTS
#define OUT M
#define TAPS TAPS_OF_PHASE
#endif
#define ALL_POINTS (POINTS * POINTS)

// Of three taps a side the odd phases have one, so that their last point has no products; `phase` is 2 * row + column.
static inline bool is_empty(int phase, int i, int j)
{
    return KERNEL == 3 && ((phase / 2 == 1 && i == POINTS - 1) || (phase % 2 == 1 && j == POINTS - 1));
}

#define ROW static inline __attribute__((always_inline)) void

// F(M, 2).
#if M == 3
ROW inner_input(V a, V b, V c, V d, V *o, int so)
{
    o[0] = a - c;
    o[so] = b + c;
    o[2 * so] = c - b;
    o[3 * so] = d - b;
}
ROW inner_weight(V a, V b, V *o, int so)
{
    o[0] = a;
    o[so] = 0.5f * (a + b);
    o[2 * so] = 0.5f * (a - b);
    o[3 * so] = b;
}
#else
ROW inner_input(V a, V b, V c, V *o, int so)
{
    o[0] = a - b;
    o[so] = b;
    o[2 * so] = b - c;
}
ROW inner_weight(V a, V b, V *o, int so)
{
    o[0] = a;
    o[so] = a + b;
    o[2 * so] = b;
}
#endif

#if STRIDE == 2
// Row i of the transformed weights, made of the rows of taps.
__constant float WEIGHT_ROWS[POINTS][TAPS] = {
#if M == 3
    {1, 0}, {0.5f, 0.5f}, {0.5f, -0.5f}, {0, 1}
#else
    {1, 0}, {1, 1}, {0, 1}
#endif
};

ROW weight_row(const V *g, V *o, int so)
{
    inner_weight(g[0], g[1], o, so);
}

#if M == 3
ROW input_row(const V *d, int sd, V *o, int so)
{
    inner_input(d[0], d[sd], d[2 * sd], d[3 * sd], o, so);
}
ROW output_row(const V *m, int sm, V *o, int so)
{
    const V sum = m[sm] + m[2 * sm];
    o[0] = m[0] + sum;
    o[so] = m[sm] - m[2 * sm];
    o[2 * so] = sum + m[3 * sm];
}
ROW gradient_row(const V *y, int sy, V *o, int so)
{
    const V ends = y[0] + y[2 * sy];
    o[0] = y[0];
    o[so] = ends + y[sy];
    o[2 * so] = ends - y[sy];
    o[3 * so] = y[2 * sy];
}
ROW weight_gradient_row(const V *u, int su, V *o, int so)
{
    o[0] = u[0] + 0.5f * (u[su] + u[2 * su]);
    o[so] = 0.5f * (u[su] - u[2 * su]) + u[3 * su];
}
#else
ROW input_row(const V *d, int sd, V *o, int so)
{
    inner_input(d[0], d[sd], d[2 * sd], o, so);
}
ROW output_row(const V *m, int sm, V *o, int so)
{
    o[0] = m[0] + m[sm];
    o[so] = m[sm] - m[2 * sm];
}
ROW gradient_row(const V *y, int sy, V *o, int so)
{
    o[0] = y[0];
    o[so] = y[0] + y[sy];
    o[2 * so] = -y[sy];
}
ROW weight_gradient_row(const V *u, int su, V *o, int so)
{
    o[0] = u[0] + u[su];
    o[so] = u[su] + u[2 * su];
}
#endif
#else // STRIDE 1: the same three times, on even and odd elements
__constant float WEIGHT_ROWS[POINTS][TAPS] = {{1, 0, 0, 0}, {1, 0, 1, 0}, {0, 0, 1, 0}, {1, 1, 0, 0}, {1, 1, 1, 1},
                                              {0, 0, 1, 1}, {0, 1, 0, 0}, {0, 1, 0, 1}, {0, 0, 0, 1}};

ROW weight_row(const V *g, V *o, int so)
{
    inner_weight(g[0], g[2], o, so);
    inner_weight(g[0] + g[1], g[2] + g[3], o + 3 * so, so);
    inner_weight(g[1], g[3], o + 6 * so, so);
}
ROW input_row(const V *d, int sd, V *o, int so)
{
    const V d1 = d[sd], d2 = d[2 * sd], d3 = d[3 * sd], d4 = d[4 * sd], d5 = d[5 * sd];
    inner_input(d[0] - d1, d2 - d3, d4 - d5, o, so);
    inner_input(d1, d3, d5, o + 3 * so, so);
    inner_input(d1 - d2, d3 - d4, d5 - d[6 * sd], o + 6 * so, so);
}
ROW output_row(const V *m, int sm, V *o, int so)
{
    V even[3], odd[3];
    EACH(i, 3)
    {
        even[i] = m[3 * i * sm] + m[(3 * i + 1) * sm];
        odd[i] = m[(3 * i + 1) * sm] - m[(3 * i + 2) * sm];
    }
    o[0] = even[0] + even[1];
    o[so] = even[1] - even[2];
    o[2 * so] = odd[0] + odd[1];
    o[3 * so] = odd[1] - odd[2];
}
ROW inner_gradient(V a, V b, V *o, int so)
{
    o[0] = a;
    o[so] = a + b;
    o[2 * so] = -b;
}
ROW gradient_row(const V *y, int sy, V *o, int so)
{
    inner_gradient(y[0], y[2 * sy], o, so);
    inner_gradient(y[0] + y[sy], y[2 * sy] + y[3 * sy], o + 3 * so, so);
    inner_gradient(-y[sy], -y[3 * sy], o + 6 * so, so);
}
ROW weight_gradient_row(const V *u, int su, V *o, int so)
{
    V first[3], second[3];
    EACH(i, 3)
    {
        first[i] = u[3 * i * su] + u[(3 * i + 1) * su];
        second[i] = u[(3 * i + 1) * su] + u[(3 * i + 2) * su];
    }
    o[0] = first[0] + first[1];
    o[so] = first[1] + first[2];
    o[2 * so] = second[0] + second[1];
    o[3 * so] = second[1] + second[2];
}
#endif

// A transformed map has groups of GROUP_TILES tiles: [group][point][run][channel block][PADDED_RUN][16], so that the
// products of a run of RUN_TILES tiles read one piece of memory. A map in phases has all channel blocks of one phase
// after those of another. A line (16 floats) is left between two points: they would meet in one set of the cache.
#define POINT_STRIDE(blocks) ((size_t)(blocks) * (GROUP_TILES / RUN_TILES) * PADDED_RUN * 16 + 16)
static inline size_t tile_offset(int tile, int block, int blocks)
{
    const int in_group = tile % GROUP_TILES;
    return (size_t)(tile / GROUP_TILES) * ALL_POINTS * POINT_STRIDE(blocks) +
           ((size_t)(in_group / RUN_TILES * blocks + block) * PADDED_RUN + in_group % RUN_TILES) * 16;
}
