/* Windows: processes, the machine, locales and libraries. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/os.h"
#include "base/os_windows.h"

wchar_t *px_wide_with(const char *text, const wchar_t *end)
{
    const int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    wchar_t *name = length > 0 ? malloc(((size_t)length + wcslen(end)) * sizeof *name) : NULL;

    if (!name) {
        errno = length > 0 ? ENOMEM : ENOENT;
        return NULL;
    }
    MultiByteToWideChar(CP_UTF8, 0, text, -1, name, length);
    return wcscat(name, end);
}

wchar_t *px_wide(const char *text)
{
    return px_wide_with(text, L"");
}

char *px_narrow(const wchar_t *text)
{
    const int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *name = length > 0 ? px_calloc((size_t)length, 1, NULL) : NULL;

    if (name)
        WideCharToMultiByte(CP_UTF8, 0, text, -1, name, length, NULL, NULL);
    return name;
}

int64_t px_os_process(void)
{
    return (int64_t)GetCurrentProcessId();
}

bool px_os_is_gone(int64_t process)
{
    const HANDLE handle = OpenProcess(SYNCHRONIZE, FALSE, (DWORD)process);

    if (!handle)
        return GetLastError() == ERROR_INVALID_PARAMETER;
    const bool gone = WaitForSingleObject(handle, 0) == WAIT_OBJECT_0;
    CloseHandle(handle);
    return gone;
}

/* _exit() would run what libraries do at their end. */
void px_os_end(int code)
{
    fflush(stdout);
    TerminateProcess(GetCurrentProcess(), (UINT)code);
    abort();
}

void px_os_kill_this(void)
{
    TerminateProcess(GetCurrentProcess(), 137);
    abort();
}

/* NULL: the program. */
static bool file_of_module(HMODULE module, char *path, size_t size)
{
    wchar_t name[MAX_PATH + 1];
    const DWORD length = GetModuleFileNameW(module, name, MAX_PATH);

    return length > 0 && length < MAX_PATH &&
           WideCharToMultiByte(CP_UTF8, 0, name, -1, path, (int)size, NULL, NULL) > 0;
}

const char *px_os_this_program(void)
{
    static char path[3 * MAX_PATH + 1];

    return file_of_module(NULL, path, sizeof path) ? path : "";
}

bool px_os_this_library(char *path, size_t size)
{
    static const char here;
    HMODULE module;

    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                              (const wchar_t *)(const void *)&here, &module) &&
           file_of_module(module, path, size);
}

bool px_os_is_program(const char *path)
{
    px_os_info info;

    return px_os_look(path, &info) == 0 && info.kind == PX_OS_REGULAR;
}

void px_os_set_variable(const char *name, const char *value)
{
    _putenv_s(name, value ? value : "");
}

void px_os_machine(char *name, size_t size)
{
    DWORD length = (DWORD)size;

    if (!GetComputerNameA(name, &length))
        *name = '\0';
}

size_t px_os_cores(void)
{
    const DWORD cores = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);

    return cores > 0 ? cores : 1;
}

/* What the system can promise: memory that is free and what its page file takes. */
size_t px_os_memory_available(void)
{
    MEMORYSTATUSEX memory = {.dwLength = sizeof memory};

    return GlobalMemoryStatusEx(&memory) ? (size_t)memory.ullAvailPageFile : SIZE_MAX;
}

void px_os_memory_trim(void)
{
    _heapmin();
}

double px_os_clock(void)
{
    LARGE_INTEGER now, second;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&second);
    return (double)(now.QuadPart / second.QuadPart) +
           (double)(now.QuadPart % second.QuadPart) / (double)second.QuadPart;
}

bool px_os_local_time(time_t seconds, struct tm *parts)
{
    return localtime_s(parts, &seconds) == 0;
}

const char *px_os_reason(int number, char *text, size_t size)
{
    if (number == EBUSY) /* the C library's text is "Resource device" */
        return "another program has it open";
    return strerror_s(text, size, number) == 0 ? text : "unknown error";
}

/* `before` is the name of the thread's locale, NULL where that is C already. */
px_locale px_os_locale_enter(void)
{
    const char *now = setlocale(LC_ALL, NULL);
    px_locale before = {NULL, 0};

    if (!now || strcmp(now, "C") == 0)
        return before;
    before.before = _strdup(now);
    before.mode = _configthreadlocale(_ENABLE_PER_THREAD_LOCALE);
    setlocale(LC_ALL, "C");
    return before;
}

void px_os_locale_leave(px_locale before)
{
    if (!before.before)
        return;
    setlocale(LC_ALL, before.before);
    _configthreadlocale(before.mode);
    free(before.before);
}

const char *px_os_driver_folder(void)
{
    return NULL;
}

void *px_os_library_load(const char *name, char *why, size_t size)
{
    wchar_t *file = px_wide(name);
    const HMODULE library = file ? LoadLibraryW(file) : NULL;

    if (!library)
        px_snprintf(why, size, "error %lu of Windows", GetLastError());
    free(file);
    return library;
}

bool px_os_library_has(void *library, const char *name)
{
    return GetProcAddress(library, name) != NULL;
}

void px_os_library_path(void *library, char *path, size_t size)
{
    wchar_t name[MAX_PATH + 1];
    const DWORD length = GetModuleFileNameW(library, name, MAX_PATH);

    if (length == 0 || length >= MAX_PATH ||
        WideCharToMultiByte(CP_UTF8, 0, name, -1, path, (int)size, NULL, NULL) <= 0)
        *path = '\0';
}
