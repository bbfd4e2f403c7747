/* Windows: files and folders. */
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/os.h"
#include "base/os_windows.h"

/* errno for what the system's last call failed with; -1. */
static int fail(void)
{
    static const struct {
        DWORD code;
        int number;
    } meanings[] = {
        {ERROR_FILE_NOT_FOUND, ENOENT},      {ERROR_PATH_NOT_FOUND, ENOENT},
        {ERROR_INVALID_NAME, ENOENT},        {ERROR_BAD_NETPATH, ENOENT},
        {ERROR_FILE_EXISTS, EEXIST},         {ERROR_ALREADY_EXISTS, EEXIST},
        {ERROR_ACCESS_DENIED, EACCES},       {ERROR_SHARING_VIOLATION, EBUSY},
        {ERROR_LOCK_VIOLATION, EBUSY},       {ERROR_WRITE_PROTECT, EROFS},
        {ERROR_DISK_FULL, ENOSPC},           {ERROR_HANDLE_DISK_FULL, ENOSPC},
        {ERROR_DIRECTORY, ENOTDIR},          {ERROR_DIR_NOT_EMPTY, ENOTEMPTY},
        {ERROR_TOO_MANY_OPEN_FILES, EMFILE}, {ERROR_INVALID_HANDLE, EBADF},
        {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},   {ERROR_OUTOFMEMORY, ENOMEM},
        {ERROR_BROKEN_PIPE, EPIPE},          {ERROR_NO_DATA, EPIPE},
        {ERROR_PRIVILEGE_NOT_HELD, EPERM},   {ERROR_NOT_SUPPORTED, EPERM},
        {ERROR_INVALID_FUNCTION, EPERM},     {ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG},
        {ERROR_NOT_SAME_DEVICE, EXDEV},
    };
    const DWORD code = GetLastError();

    errno = EIO;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code)
            errno = meanings[i].number;
    return -1;
}

/* The same about a path: one that is too long is not there, as the system says it. */
static int fail_at(const wchar_t *path)
{
    enum { MOST_UNITS = 255 }; /* of one name in it */
    size_t longest = 0, length = 0;

    fail();
    for (const wchar_t *unit = path; *unit; unit++) {
        length = *unit == L'/' || *unit == L'\\' ? 0 : length + 1;
        longest = length > longest ? length : longest;
    }
    if (errno == ENOENT && (longest > MOST_UNITS || wcslen(path) >= MAX_PATH))
        errno = ENAMETOOLONG;
    return -1;
}

static int result_of(BOOL done)
{
    return done ? 0 : fail();
}

/* For calls that take one path, or two. */
static int with_path(const char *path, BOOL (*call)(const wchar_t *path))
{
    wchar_t *name = px_wide(path);
    const int result = !name ? -1 : call(name) ? 0 : fail_at(name);

    free(name);
    return result;
}

static int with_paths(const char *from, const char *to, BOOL (*call)(const wchar_t *from, const wchar_t *to))
{
    wchar_t *one = px_wide(from), *other = one ? px_wide(to) : NULL;
    const int result = !other ? -1 : call(one, other) ? 0 : fail_at(other);

    free(one);
    free(other);
    return result;
}

/* Others may read, replace and remove the file meanwhile, as on POSIX. */
static HANDLE open_handle(const char *path, DWORD access, DWORD share, DWORD how, DWORD flags)
{
    wchar_t *name = px_wide(path);
    const HANDLE handle = name ? CreateFileW(name, access, share, NULL, how, flags, NULL) : INVALID_HANDLE_VALUE;

    if (name && handle == INVALID_HANDLE_VALUE)
        fail_at(name);
    free(name);
    return handle;
}

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

int px_os_open(const char *path, px_os_way way)
{
    static const struct {
        DWORD access, how, flags;
        int mode;
    } ways[] = {
        [PX_OS_READ] = {GENERIC_READ, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, _O_RDONLY}, /* so that folders open */
        [PX_OS_FLUSH] = {GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, 0},
        [PX_OS_CREATE] = {GENERIC_WRITE, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, 0},
        [PX_OS_APPEND] = {FILE_APPEND_DATA | SYNCHRONIZE, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, _O_APPEND},
    };

    if (px_os_shall_fail(way == PX_OS_READ || way == PX_OS_FLUSH ? EIO : ENOSPC))
        return -1;
    const HANDLE handle = open_handle(path, ways[way].access, SHARE_ALL, ways[way].how, ways[way].flags);
    const int file =
        handle == INVALID_HANDLE_VALUE ? -1 : _open_osfhandle((intptr_t)handle, ways[way].mode | _O_NOINHERIT);
    if (handle != INVALID_HANDLE_VALUE && file < 0)
        CloseHandle(handle);
    return file;
}

int px_os_close(int file)
{
    const bool shall_fail = px_os_shall_fail(EIO);
    const int result = _close(file);

    if (shall_fail)
        errno = EIO;
    return shall_fail ? -1 : result;
}

static HANDLE handle_of(int file)
{
    return (HANDLE)_get_osfhandle(file);
}

static void fill(px_os_info *info, DWORD attributes, DWORD high, DWORD low, FILETIME written)
{
    const uint64_t ticks = (uint64_t)written.dwHighDateTime << 32 | written.dwLowDateTime; /* 100 ns, from 1601 */

    *info = (px_os_info){.kind = attributes & FILE_ATTRIBUTE_DIRECTORY ? PX_OS_FOLDER
                                 : attributes & FILE_ATTRIBUTE_DEVICE  ? PX_OS_DEVICE
                                                                       : PX_OS_REGULAR,
                         .size = (uint64_t)high << 32 | low,
                         .written = (int64_t)(ticks / 10000000) - 11644473600,
                         .nanoseconds = (long)(ticks % 10000000) * 100};
}

int px_os_describe(int file, px_os_info *info)
{
    BY_HANDLE_FILE_INFORMATION found;

    if (px_os_shall_fail(EIO))
        return -1;
    const DWORD type = GetFileType(handle_of(file));
    if (type != FILE_TYPE_DISK) {
        *info = (px_os_info){.kind = type == FILE_TYPE_PIPE ? PX_OS_PIPE : PX_OS_DEVICE};
        return 0;
    }
    if (!GetFileInformationByHandle(handle_of(file), &found))
        return fail();
    fill(info, found.dwFileAttributes, found.nFileSizeHigh, found.nFileSizeLow, found.ftLastWriteTime);
    return 0;
}

enum { MOST_AT_ONCE = 1 << 30 }; /* bytes: the calls count in 32 bits */

static DWORD part(size_t size)
{
    return size < MOST_AT_ONCE ? (DWORD)size : MOST_AT_ONCE;
}

ptrdiff_t px_os_read(int file, void *bytes, size_t size)
{
    DWORD got = 0;

    if (px_os_shall_fail(EIO))
        return -1;
    return ReadFile(handle_of(file), bytes, part(size), &got, NULL) ? (ptrdiff_t)got : fail();
}

ptrdiff_t px_os_write(int file, const void *bytes, size_t size)
{
    DWORD wrote = 0;

    if (px_os_shall_fail(ENOSPC)) {
        WriteFile(handle_of(file), bytes, part(size / 2), &wrote, NULL); /* as a disk that is nearly full */
        errno = ENOSPC;
        return -1;
    }
    return WriteFile(handle_of(file), bytes, part(size), &wrote, NULL) ? (ptrdiff_t)wrote : fail();
}

int px_os_seek(int file, uint64_t place)
{
    const bool end = place == PX_OS_END;
    const LARGE_INTEGER distance = {.QuadPart = end ? 0 : (LONGLONG)place};

    return px_os_shall_fail(EIO)
               ? -1
               : result_of(SetFilePointerEx(handle_of(file), distance, NULL, end ? FILE_END : FILE_BEGIN));
}

int px_os_sync(int file)
{
    return px_os_shall_fail(EIO) ? -1 : result_of(FlushFileBuffers(handle_of(file)));
}

int px_os_sync_folder(const char *path)
{
    (void)path; /* NTFS keeps a journal of names */
    return 0;
}

const void *px_os_map(int file, size_t size)
{
    (void)size; /* all of it */
    if (px_os_shall_fail(ENOMEM))
        return NULL;
    const HANDLE mapping = CreateFileMappingW(handle_of(file), NULL, PAGE_READONLY, 0, 0, NULL);
    const void *bytes = mapping ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0) : NULL;
    if (!bytes)
        fail();
    if (mapping)
        CloseHandle(mapping); /* the view keeps it */
    return bytes;
}

void px_os_unmap(const void *bytes, size_t size)
{
    (void)size;
    UnmapViewOfFile(bytes);
}

static bool is_folder(const wchar_t *path)
{
    const DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}

/* As POSIX has it, in one step also where `to` is open: NTFS since Windows 10. */
static bool replace_open(const wchar_t *from, const wchar_t *to)
{
    enum { INFO_EX = 22, REPLACE = 1, POSIX = 2 }; /* FileRenameInfoEx and its flags */
    struct {
        DWORD flags;
        HANDLE folder;
        DWORD bytes;
        wchar_t name[PX_MOST_WIDE];
    } *how = malloc(sizeof *how);
    const DWORD length = how ? GetFullPathNameW(to, PX_MOST_WIDE, how->name, NULL) : 0;
    const HANDLE file = length > 0 && length < PX_MOST_WIDE
                            ? CreateFileW(from, DELETE | SYNCHRONIZE, SHARE_ALL, NULL, OPEN_EXISTING, 0, NULL)
                            : INVALID_HANDLE_VALUE;
    bool done = false;

    if (file != INVALID_HANDLE_VALUE) {
        how->flags = REPLACE | POSIX;
        how->folder = NULL;
        how->bytes = length * (DWORD)sizeof(wchar_t);
        done = SetFileInformationByHandle(file, (FILE_INFO_BY_HANDLE_CLASS)INFO_EX, how, sizeof *how);
        CloseHandle(file);
    }
    free(how);
    return done;
}

/* Elsewhere a file that is open cannot be replaced, but it can be renamed, to NAME.old0 or the first such name that is
 * free. It goes when it is closed, or at the latest with the next file that is replaced here. */
static bool replace_aside(const wchar_t *from, const wchar_t *to)
{
    const size_t size = wcslen(to) + sizeof ".old00";
    wchar_t *aside = malloc(size * sizeof *aside);
    bool moved = false, taken = true, done = false;

    for (int number = 0; aside && number < 100 && !moved && taken; number++) {
        _snwprintf(aside, size, L"%ls.old%d", to, number);
        DeleteFileW(aside);
        moved = MoveFileExW(to, aside, 0);
        taken = GetLastError() != ERROR_SHARING_VIOLATION; /* that name, and not the file */
    }
    if (moved) {
        done = MoveFileExW(from, to, MOVEFILE_WRITE_THROUGH);
        if (done)
            DeleteFileW(aside);
        else
            MoveFileExW(aside, to, 0);
    }
    free(aside);
    return done;
}

static BOOL replace(const wchar_t *from, const wchar_t *to)
{
    /* What looks for viruses opens what was just written, for a moment. */
    for (int attempt = 0; attempt < 20; attempt++) {
        if (replace_open(from, to) || MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
            return TRUE;
        if ((GetLastError() != ERROR_ACCESS_DENIED && GetLastError() != ERROR_SHARING_VIOLATION) || is_folder(to))
            return FALSE;
        Sleep(25);
    }
    return replace_aside(from, to);
}

int px_os_rename(const char *from, const char *to)
{
    px_os_info info;

    if (px_os_shall_fail(EIO))
        return -1;
    const int result = with_paths(from, to, replace), reason = errno;
    if (result != 0)
        errno = px_os_look(to, &info) == 0 && info.kind == PX_OS_FOLDER ? EISDIR : reason;
    return result;
}

static BOOL link_hard(const wchar_t *from, const wchar_t *to)
{
    return CreateHardLinkW(to, from, NULL);
}

int px_os_link(const char *from, const char *to)
{
    return px_os_shall_fail(EPERM) ? -1 : with_paths(from, to, link_hard);
}

static BOOL remove_file(const wchar_t *path)
{
    return DeleteFileW(path);
}

int px_os_remove(const char *path)
{
    return px_os_shall_fail(EIO) ? -1 : with_path(path, remove_file);
}

static BOOL make_folder(const wchar_t *path)
{
    return CreateDirectoryW(path, NULL);
}

int px_os_make_folder(const char *path)
{
    return px_os_shall_fail(ENOSPC) ? -1 : with_path(path, make_folder);
}

int px_os_look(const char *path, px_os_info *info)
{
    WIN32_FILE_ATTRIBUTE_DATA found;
    wchar_t *name = px_wide(path);
    const int result = name ? result_of(GetFileAttributesExW(name, GetFileExInfoStandard, &found)) : -1;

    if (result == 0)
        fill(info, found.dwFileAttributes, found.nFileSizeHigh, found.nFileSizeLow, found.ftLastWriteTime);
    free(name);
    return result;
}

bool px_os_separates(char c)
{
    return c == '/' || c == '\\';
}

bool px_os_is_absolute(const char *path)
{
    return px_os_separates(*path) || (*path && path[1] == ':');
}

char *px_os_real_path(const char *path)
{
    px_os_info info;
    wchar_t *name = px_os_look(path, &info) == 0 ? px_wide(path) : NULL;
    wchar_t *full = name ? malloc(PX_MOST_WIDE * sizeof *full) : NULL;
    const DWORD length = full ? GetFullPathNameW(name, PX_MOST_WIDE, full, NULL) : 0;
    char *real = length > 0 && length < PX_MOST_WIDE ? px_narrow(full) : NULL;

    free(full);
    free(name);
    return real;
}

struct px_os_folder {
    HANDLE search;
    WIN32_FIND_DATAW next;
    bool at_end;
    char name[3 * MAX_PATH + 1];
};

px_os_folder *px_os_folder_open(const char *path)
{
    px_os_folder *folder = calloc(1, sizeof *folder);
    wchar_t *pattern = folder ? px_wide_with(path, L"/*") : NULL;
    const HANDLE search = pattern ? FindFirstFileW(pattern, &folder->next) : INVALID_HANDLE_VALUE;

    if (search != INVALID_HANDLE_VALUE) {
        folder->search = search;
    } else {
        if (pattern)
            fail();
        free(folder);
        folder = NULL;
    }
    free(pattern);
    return folder;
}

const char *px_os_folder_next(px_os_folder *folder, px_os_kind *kind)
{
    while (!folder->at_end) {
        const DWORD attributes = folder->next.dwFileAttributes;
        const bool is_name = WideCharToMultiByte(CP_UTF8, 0, folder->next.cFileName, -1, folder->name,
                                                 sizeof folder->name, NULL, NULL) > 0;

        if (!FindNextFileW(folder->search, &folder->next)) {
            folder->at_end = true;
            if (GetLastError() != ERROR_NO_MORE_FILES) {
                fail();
                return NULL;
            }
        }
        if (!is_name || strcmp(folder->name, ".") == 0 || strcmp(folder->name, "..") == 0)
            continue;
        *kind = attributes & FILE_ATTRIBUTE_REPARSE_POINT ? PX_OS_UNKNOWN
                : attributes & FILE_ATTRIBUTE_DIRECTORY   ? PX_OS_FOLDER
                                                          : PX_OS_REGULAR;
        return folder->name;
    }
    errno = 0;
    return NULL;
}

void px_os_folder_close(px_os_folder *folder)
{
    FindClose(folder->search);
    free(folder);
}

static BOOL remove_folder(const wchar_t *path)
{
    return RemoveDirectoryW(path);
}

int px_os_remove_folder(const char *path)
{
    return with_path(path, remove_folder);
}

int px_os_make_private_folder(const char *path)
{
    return with_path(path, make_folder); /* within a folder of the user's own */
}

int px_os_make_temporary_folder(char *path)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    char *end = path + strlen(path) - 6;
    int result = -1;

    for (uint64_t attempt = 0; attempt < 100 && result != 0; attempt++) {
        uint64_t number = GetTickCount64() * 100003 + (uint64_t)px_os_process() * 7919 + attempt;
        for (int i = 0; i < 6; i++, number /= 36)
            end[i] = digits[number % 36];
        result = with_path(path, make_folder);
        if (result != 0 && errno != EEXIST)
            break;
    }
    return result;
}

static BOOL link_soft(const wchar_t *target, const wchar_t *path)
{
    return CreateSymbolicLinkW(path, target, SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE);
}

int px_os_link_by_name(const char *target, const char *path)
{
    return with_paths(target, path, link_soft);
}

const char *px_os_temporary_place(void)
{
    static char place[3 * MAX_PATH + 1];
    wchar_t name[MAX_PATH + 1];
    const DWORD length = GetTempPathW(MAX_PATH, name);

    if (length == 0 || length > MAX_PATH ||
        WideCharToMultiByte(CP_UTF8, 0, name, -1, place, sizeof place, NULL, NULL) <= 0)
        return ".";
    return place;
}

int px_os_hold(const char *folder, int *hold)
{
    /* A folder cannot be locked: a file in it that nobody else may open, and that goes with the handle. */
    wchar_t *path = px_os_shall_fail(EIO) ? NULL : px_wide_with(folder, L"/.pixcl-hold");
    const HANDLE handle = path ? CreateFileW(path, GENERIC_WRITE | DELETE, 0, NULL, OPEN_ALWAYS,
                                             FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE, NULL)
                               : INVALID_HANDLE_VALUE;
    const bool held = path && handle == INVALID_HANDLE_VALUE && GetLastError() == ERROR_SHARING_VIOLATION;

    free(path);
    *hold = handle == INVALID_HANDLE_VALUE ? -1 : _open_osfhandle((intptr_t)handle, _O_NOINHERIT);
    return *hold >= 0 ? 0 : held ? 1 : -1;
}

void px_os_release(int hold)
{
    px_os_close(hold);
}
