#include "base/cure.h"

px_system px_system_here(void)
{
    return PX_SYSTEM_WINDOWS;
}
