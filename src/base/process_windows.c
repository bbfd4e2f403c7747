/* Starting, reading and ending processes on Windows. */
#include "base/process.h"

#include <fcntl.h>
#include <io.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/memory.h"
#include "base/os.h"
#include "base/os_windows.h"

/* The arguments as one line, which the C library of the new process takes apart again (free). */
static wchar_t *command_line(const char *const *arguments, pixcl_error *err)
{
    px_text line = {0};

    for (size_t i = 0; arguments[i]; i++) {
        size_t backslashes = 0;

        px_text_add(&line, i ? " \"" : "\"");
        for (const char *c = arguments[i]; *c; c++) {
            backslashes = *c == '\\' ? backslashes + 1 : 0;
            if (*c != '"') {
                px_text_add(&line, "%c", *c);
                continue;
            }
            for (const char *back = c; back > arguments[i] && back[-1] == '\\'; back--)
                px_text_add(&line, "\\");
            px_text_add(&line, "\\\"");
        }
        while (backslashes-- > 0)
            px_text_add(&line, "\\");
        px_text_add(&line, "\"");
    }
    char *text = px_text_take(&line, err);
    wchar_t *wide = text ? px_wide(text) : NULL;
    px_free(text);
    return wide;
}

/* This process's environment with that variable, NAME=value, each ended by a zero and all by one more (px_free). */
static wchar_t *environment_with(const char *variable, pixcl_error *err)
{
    wchar_t *const inherited = GetEnvironmentStringsW(), *extra = px_wide(variable ? variable : "");
    const size_t extra_length = extra ? wcslen(extra) : 0;
    const size_t name = extra ? wcscspn(extra, L"=") + 1 : 0;
    size_t size = 0, used = 0;

    while (inherited && inherited[size])
        size += wcslen(inherited + size) + 1;
    wchar_t *all = inherited && extra ? px_calloc(size + extra_length + 2, sizeof *all, err) : NULL;
    for (size_t at = 0; all && inherited[at]; at += wcslen(inherited + at) + 1) {
        if (variable && _wcsnicmp(inherited + at, extra, name) == 0)
            continue;
        wcscpy(all + used, inherited + at);
        used += wcslen(inherited + at) + 1;
    }
    if (all && variable)
        wcscpy(all + used, extra);
    if (inherited)
        FreeEnvironmentStringsW(inherited);
    free(extra);
    return all;
}

/* The ends of two pipes and an empty file: the three streams of the new process, and the other ends. */
typedef struct streams {
    HANDLE theirs[3], input, output;
} streams;

static void close_handle(HANDLE handle)
{
    if (handle && handle != INVALID_HANDLE_VALUE)
        CloseHandle(handle);
}

static bool open_streams(streams *s, bool quiet)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};

    memset(s, 0, sizeof *s);
    if (!CreatePipe(&s->theirs[0], &s->input, NULL, 0) || !CreatePipe(&s->output, &s->theirs[1], NULL, 0))
        return false;
    SetHandleInformation(s->theirs[0], HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    SetHandleInformation(s->theirs[1], HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    if (quiet || !DuplicateHandle(GetCurrentProcess(), GetStdHandle(STD_ERROR_HANDLE), GetCurrentProcess(),
                                  &s->theirs[2], 0, TRUE, DUPLICATE_SAME_ACCESS))
        s->theirs[2] =
            CreateFileW(L"NUL", GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING, 0, NULL);
    return true;
}

/* Starts it with its streams, and with no other handle of this process. */
static BOOL create(const wchar_t *program, wchar_t *line, wchar_t *variables, streams *s, PROCESS_INFORMATION *made)
{
    STARTUPINFOEXW how = {.StartupInfo = {.cb = sizeof how,
                                          .dwFlags = STARTF_USESTDHANDLES,
                                          .hStdInput = s->theirs[0],
                                          .hStdOutput = s->theirs[1],
                                          .hStdError = s->theirs[2]}};
    SIZE_T size = 0;
    BOOL done = FALSE;

    InitializeProcThreadAttributeList(NULL, 1, 0, &size);
    how.lpAttributeList = px_calloc(size, 1, NULL);
    if (how.lpAttributeList && InitializeProcThreadAttributeList(how.lpAttributeList, 1, 0, &size)) {
        done = UpdateProcThreadAttribute(how.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, s->theirs,
                                         sizeof s->theirs, NULL, NULL) &&
               CreateProcessW(program, line, NULL, NULL, TRUE,
                              EXTENDED_STARTUPINFO_PRESENT | CREATE_UNICODE_ENVIRONMENT | CREATE_NEW_PROCESS_GROUP,
                              variables, NULL, &how.StartupInfo, made);
        DeleteProcThreadAttributeList(how.lpAttributeList);
    }
    px_free(how.lpAttributeList);
    return done;
}

pixcl_status px_process_start(px_process *process, const char *program, const char *const *arguments,
                              const char *variable, bool quiet, pixcl_error *err)
{
    PROCESS_INFORMATION made = {0};
    streams s = {0};
    wchar_t *file = px_wide(program), *line = command_line(arguments, err);
    wchar_t *variables = environment_with(variable, err);
    const BOOL done = file && line && variables && open_streams(&s, quiet) && create(file, line, variables, &s, &made);
    const DWORD code = GetLastError();

    px_free(variables);
    free(line);
    free(file);
    for (int i = 0; i < 3; i++)
        close_handle(s.theirs[i]);
    if (!done) {
        close_handle(s.input);
        close_handle(s.output);
        return px_fail(err, PIXCL_ERROR_IO, "cannot start %s as a process of its own: error %lu of Windows", program,
                       code);
    }
    CloseHandle(made.hThread);
    *process = (px_process){(intptr_t)made.hProcess, _open_osfhandle((intptr_t)s.input, _O_NOINHERIT),
                            _open_osfhandle((intptr_t)s.output, _O_NOINHERIT)};
    return PIXCL_OK;
}

px_process_reading px_process_read(px_process *process, void *bytes, size_t size, double seconds)
{
    const HANDLE output = (HANDLE)_get_osfhandle(process->output);
    const double end = px_now() + seconds;
    size_t done = 0;

    while (done < size) {
        DWORD there = 0, got = 0;

        if (!PeekNamedPipe(output, NULL, 0, NULL, &there, NULL))
            return PX_PROCESS_ENDED;
        if (there == 0) {
            if (px_now() >= end)
                return PX_PROCESS_SILENT;
            Sleep(1); /* a pipe without a name cannot be waited for */
            continue;
        }
        const size_t wanted = size - done < there ? size - done : there;
        if (!ReadFile(output, (char *)bytes + done, (DWORD)wanted, &got, NULL) || got == 0)
            return PX_PROCESS_ENDED;
        done += got;
    }
    return PX_PROCESS_READ;
}

void px_process_end(px_process *process, double seconds, char *how, size_t size)
{
    const HANDLE handle = (HANDLE)process->id;
    DWORD code = 0;

    *how = '\0';
    if (seconds > 0 && WaitForSingleObject(handle, (DWORD)(seconds * 1000)) == WAIT_OBJECT_0) {
        GetExitCodeProcess(handle, &code);
        if (code >= 0xC0000000) /* an exception */
            px_snprintf(how, size, "crashed with exception %08lX", code);
        else if (code != 0)
            px_snprintf(how, size, "ended the process with exit code %lu", code);
    } else {
        TerminateProcess(handle, 1);
        WaitForSingleObject(handle, 2000);
        if (seconds > 0)
            px_snprintf(how, size, "did not end within %.0f seconds", seconds);
    }
    CloseHandle(handle);
    _close(process->output);
    _close(process->input);
}

/* The parent never writes: the only thing to read is that it has ended. */
static void *wait_for_parent(void *unused)
{
    char byte;
    DWORD got;

    (void)unused;
    ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &got, NULL);
    px_os_end(1);
}

int px_process_end_with_parent(void)
{
    const int messages = _dup(1), nowhere = _open("NUL", _O_WRONLY | _O_NOINHERIT);
    pthread_t thread;

    /* A crash here is a result: no window about it. */
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    if (messages < 0 || nowhere < 0 || _dup2(nowhere, 1) < 0 ||
        pthread_create(&thread, NULL, wait_for_parent, NULL) != 0)
        return -1;
    _close(nowhere);
    pthread_detach(thread);
    return messages;
}

void px_process_tell(int messages, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const size_t left = size - done, most = 1 << 20;
        DWORD written = 0;

        if (!WriteFile((HANDLE)_get_osfhandle(messages), (const char *)bytes + done, (DWORD)(left < most ? left : most),
                       &written, NULL))
            px_os_end(1);
        done += written;
    }
}
