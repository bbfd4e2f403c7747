#!/bin/sh
# Help, versions, and every way to get a command line wrong.
. "$(dirname "$0")/expect.sh"

ok --help
says 'Usage: pixcl COMMAND'
says 'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no usable device'
ok -h
ok help
ok --version
says 'pixcl 0.'
run
[ "$code" = 2 ] || complain "no command: exit code $code, expected 2"
says 'Usage:'

fails 2 devics
says 'Unknown command "devics"; did you mean devices?'
silent_on_stdout
fails 2 ''
fails 2 --nonsense

# What could not be printed is a failure, and said; a reader that went away is none to be told.
if [ -e /dev/full ]; then
    for arguments in --help --version 'show --help' 'plan --help'; do
        code=0
        # shellcheck disable=SC2086 # a list of words
        "$PIXCL" $arguments >/dev/full 2>"$scratch/err" || code=$?
        last="$arguments >/dev/full"
        [ "$code" = 1 ] || complain "exit code $code, expected 1"
        says 'could not all be written: No space left on device'
    done
fi
last='--help, whose reader is gone'
{
    sleep 0.3
    code=0
    "$PIXCL" --help 2>"$scratch/err" || code=$?
    echo "$code" >"$scratch/code"
} | true
[ "$(cat "$scratch/code")" = 1 ] || complain "exit code $(cat "$scratch/code"), expected 1"
[ ! -s "$scratch/err" ] || complain 'said something of it'
ok --version >&-

# Every command in the list explains itself, in lines that fit a terminal.
ok --help
for command in $(sed -n 's/^  \([a-z]*\)  .*/\1/p' "$scratch/out"); do
    ok "$command" --help
    says "Usage: pixcl $command"
    says 'Defaults stand in [ ]'
    longest=$(awk '{ if (length($0) > most) most = length($0) } END { print most }' "$scratch/out")
    [ "$longest" -le 100 ] || complain "a line of $longest columns"
    mv "$scratch/out" "$scratch/help"
    ok "$command" -h
    cmp -s "$scratch/help" "$scratch/out" || complain '-h is not --help'
    fails 2 "$command" --jsno
    says 'Unknown option --jsno'
    says "Try: pixcl $command --help"
    silent_on_stdout
done

fails 2 devices --jso
says 'did you mean --json?'
fails 2 devices --lr 1
says '--lr is an option of other commands'
fails 2 devices --device
says '--device needs a value'
fails 2 devices --device --json
says '--device=VALUE'
fails 2 devices --json=maybe
says 'a flag takes true or false'
fails 2 devices something
says '"something" is too much'
# Behind -- there are no options.
fails 1 show -- --help
says 'cannot open --help'
fails 2 devices -x
says 'options begin with two dashes'
