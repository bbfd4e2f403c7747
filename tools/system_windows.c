/* Windows. Names are in the process's code page, which is UTF-8 (cross/windows.manifest). */
#include "system.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool system_separates(char c)
{
    return c == '/' || c == '\\';
}

bool system_is_folder(const char *path)
{
    const DWORD attributes = GetFileAttributesA(path);
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}

bool system_make_folder(const char *path)
{
    if (CreateDirectoryA(path, NULL) || GetLastError() == ERROR_ALREADY_EXISTS)
        return true;
    errno = GetLastError() == ERROR_PATH_NOT_FOUND ? ENOENT : EACCES;
    return false;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds a copy; false without memory. */
static bool add(char ***names, int *count, const char *name)
{
    char **more = realloc(*names, ((size_t)*count + 1) * sizeof *more);
    if (!more)
        return false;
    *names = more;
    char *copy = _strdup(name);
    if (copy)
        more[(*count)++] = copy;
    return copy != NULL;
}

int system_list(const char *folder, bool (*keep)(const char *name), char ***names)
{
    WIN32_FIND_DATAA found;
    const size_t size = strlen(folder) + sizeof "/*";
    char *pattern = malloc(size);
    int count = 0;
    bool complete = true;
    *names = NULL;
    if (pattern)
        snprintf(pattern, size, "%s/*", folder);
    const HANDLE search = pattern ? FindFirstFileA(pattern, &found) : INVALID_HANDLE_VALUE;
    free(pattern);
    if (search == INVALID_HANDLE_VALUE) {
        errno = GetLastError() == ERROR_ACCESS_DENIED ? EACCES : ENOENT;
        return -1;
    }
    do {
        if (*found.cFileName != '.' && keep(found.cFileName))
            complete = add(names, &count, found.cFileName);
    } while (complete && FindNextFileA(search, &found));
    FindClose(search);
    if (!complete) {
        while (count > 0)
            free((*names)[--count]);
        free(*names);
        *names = NULL;
        errno = ENOMEM;
        return -1;
    }
    if (count > 1)
        qsort(*names, (size_t)count, sizeof **names, by_bytes);
    return count;
}

bool system_identify(const char *path, system_identity *identity)
{
    BY_HANDLE_FILE_INFORMATION found;
    const HANDLE file = CreateFileA(path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                    OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    const bool known = file != INVALID_HANDLE_VALUE && GetFileInformationByHandle(file, &found);
    if (known)
        *identity =
            (system_identity){found.dwVolumeSerialNumber, (uint64_t)found.nFileIndexHigh << 32 | found.nFileIndexLow};
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    return known;
}

void system_begin_streams(void)
{
    DWORD mode;
    SetConsoleOutputCP(CP_UTF8);
    if (GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode)) /* so that a line can be drawn again */
        SetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
    _setmode(1, _O_BINARY); /* what is printed is read by other programs, too */
}

bool system_output_is_closed(void)
{
    return false; /* a pipe does not tell, and the next write fails */
}

bool system_output_is_terminal(void)
{
    DWORD mode;
    return GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode);
}

int system_output_width(void)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    return GetConsoleScreenBufferInfo(GetStdHandle(STD_OUTPUT_HANDLE), &info)
               ? info.srWindow.Right - info.srWindow.Left + 1
               : 0;
}

void system_map_large_blocks(void)
{
    /* its heap gives large blocks back */
}

static void (*ask_for_end)(void);

static BOOL WINAPI on_event(DWORD event)
{
    static LONG events;
    if (InterlockedIncrement(&events) > 1)
        return FALSE; /* the system ends the process */
    ask_for_end();
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT)
        Sleep(INFINITE); /* when this returns the process ends; some seconds are given to it */
    return TRUE;
}

void system_catch_interrupts(void (*ask)(void))
{
    ask_for_end = ask;
    SetConsoleCtrlHandler(on_event, TRUE);
}

void system_say(const char *text, size_t size)
{
    DWORD written;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, (DWORD)size, &written, NULL);
}
