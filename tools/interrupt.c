/* Ctrl-C, or a closed terminal: the first one asks for an orderly end, the second one kills. */
#include <stdatomic.h>

#include "cli.h"
#include "system.h"
#include "terminal.h"

static atomic_bool asked;

static void ask(void)
{
    static const char TEXT[] = "\nStopping after this step; again to stop at once.\n";
    asked = true;
    system_say(TEXT, sizeof TEXT - 1);
}

void cli_catch_interrupts(void)
{
    system_catch_interrupts(ask);
}

bool cli_interrupted(void *user)
{
    (void)user;
    return asked || terminal_is_closed();
}
