/* Linked to the command, makes it what an application with a user interface is: in the locale of its user. */
#include <locale.h>

__attribute__((constructor)) static void enter_user_locale(void)
{
    setlocale(LC_ALL, "");
}
