/* The library's way into helpers: all that they know to try. */
#include "exec/opencl/helper.h"
#include "measure/device_steps.h"
#include "pixcl/device.h"

bool pixcl_helper_main(int argc, char **argv, int *code)
{
    static const px_survey_trial *const trials[] = {&px_survey_usual, &px_survey_step, NULL};

    return px_helper_main(argc, argv, trials, code);
}
