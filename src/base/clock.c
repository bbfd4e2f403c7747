#include "base/clock.h"

#include "base/os.h"

double px_now(void)
{
    return px_os_clock();
}
