#!/bin/sh
# What depends on the system is in pairs of files, *_posix.c and *_windows.c, behind src/base/os.h, src/base/process.h
# and tools/system.h. Nothing else includes the system's headers or asks which system it is; threads are pthread
# everywhere.
. "$(dirname "$0")/files.sh"

headers='unistd|sys/[a-z]+|dirent|fcntl|spawn|signal|poll|termios|dlfcn|link|malloc|io|direct|windows'
for file in $(files '^(src|tools|include)/.*\.[ch]$' | grep -vE '_(posix|windows)(_[a-z]+)?\.[ch]$'); do
    ! grep -nE "^ *# *include *<($headers)\.h>" "$file" || complain "$file: the system is called by src/base/os_*.c"
    ! grep -nE '\b(_WIN32|_WIN64|__linux__|__APPLE__|__unix__)\b' "$file" ||
        complain "$file: what is different on a system belongs in a pair of files"
done

# Conversions of C11 alone: others print something else on Windows.
for file in $(files '^(src|tools)/.*\.[ch]$'); do
    ! grep -nE '%[0-9]+\$' "$file" || complain "$file: positions in a format (%1\$s) are not C11"
done
