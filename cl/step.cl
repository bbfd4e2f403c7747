// The step buffer: what changes from one step to the next, so that every other kernel argument can be set once.
// Words: 0, 1 the seed; 2, 3 the step; 4, 5 the pictures of the steps before; then two floats for each optimiser:
// lr / (1 - beta1^t) and 1 / sqrt(1 - beta2^t).

typedef struct step_data {
    uint seed[2];
    uint step[2];
    uint pictures[2];
    float rates[10];
} step_data;
