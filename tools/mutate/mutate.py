#!/usr/bin/env python3
"""Shows that the tests can fail: breaks one line of the product at a time, and runs the tests that ought to notice.

The mistakes are those of mutations.txt. Each is made in a copy of the tree, built, and tested; the checkout is not
touched. What is done is not done again as long as the tree stays the same: after Ctrl-C, the same command goes on.
Exit code 0 when every mutation was noticed by a test, or survives for the reason that the list gives.
"""

import argparse
import collections
import os
import sys
import time

import mutations
from record import Record
from workspace import WorkError, Workspace

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIST = os.path.join(HERE, "mutations.txt")

KILLED, SURVIVED, EXPECTED, UNEXPECTED, BROKEN = "killed", "survived", "survives", "not equivalent", "does not build"


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", metavar="DIR", default=os.path.join(ROOT, "build-mutate"),
                        help="the copy, its build and the results go here (default build-mutate); keep it to go on")
    parser.add_argument("--only", metavar="PATTERN", help='only mutations in whose line "FILE: THE MISTAKE", or in '
                        "whose tests, this text occurs")
    parser.add_argument("--jobs", type=int, metavar="N", help="how many compilers run at a time (default: ninja's)")
    parser.add_argument("--again", action="store_true", help="forget what was found before")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="print the mutations and run nothing")
    instead.add_argument("--check", action="store_true", help="only check that each text is in its file, once")
    return parser.parse_args()


def select(pattern):
    every = mutations.read(LIST)
    chosen = [one for one in every if not pattern or pattern in one.title or pattern in one.tests]
    if not chosen:
        raise mutations.ListError(f"--only {pattern}: no mutation has this in its line or among its tests; see --list")
    findings = mutations.check(every, ROOT)
    if findings:
        raise mutations.ListError("\n".join(findings))
    return chosen


def print_list(chosen):
    for mutation in chosen:
        print(mutation.title)
        for sign, lines in (("-", mutation.old), ("+", mutation.new)):
            for line in lines:
                print(f"    {sign} {line}".rstrip())
        print(f"    tests: {' '.join(mutation.tests)}")
        if mutation.survives:
            print(f"    survives: {mutation.survives}")
    print(f"{len(chosen)} mutations")


def usual_seconds(work, record, chosen):
    """How long each test takes in the sound tree, where all of them must pass: else a failure would show nothing."""
    tests = list(dict.fromkeys(test for mutation in chosen for test in mutation.tests))
    unknown = sorted(set(tests) - work.test_names())
    if unknown:
        raise mutations.ListError(f"the list names tests that meson test --list does not: {', '.join(unknown)}")
    seconds = {test: record.find("sound", test) for test in tests}
    missing = [test for test in tests if seconds[test] is None]
    if not missing:
        return seconds
    print(f"first {len(missing)} tests of the sound tree", flush=True)
    failure = work.build(missing)
    if failure:
        raise WorkError(failure)
    for test in missing:
        result, seconds[test] = work.test(test)
        if result != "OK":
            raise WorkError(f"test {test} of the sound tree: {result}. It would show nothing: cure it, or take it out "
                            "of the list")
        record.keep(seconds[test], "sound", test)
    return seconds


def run(work, mutation, seconds):
    """Makes the mistake and looks who notices: a kind of result, and what there is to say about it."""
    sound = work.read(mutation.file)
    work.write(mutation.file, mutation.apply(sound))
    try:
        failure = work.build(mutation.tests)
        if failure:
            return BROKEN, failure
        for test in mutation.tests:
            result, _ = work.test(test, seconds[test])
            if result == "TIMEOUT":
                return KILLED, f"by {test}, which hangs"
            if result not in ("OK", "SKIP"):
                return KILLED, f"by {test}"
    finally:
        work.write(mutation.file, sound)
    return SURVIVED, f"all pass: {', '.join(mutation.tests)}"


def judge(mutation, kind, detail):
    """The result against what the list says of equivalent mutations."""
    if mutation.survives and kind == SURVIVED:
        return EXPECTED, mutation.survives
    if mutation.survives and kind == KILLED:
        return UNEXPECTED, f"{detail}, but the list says that it survives: {mutation.survives}"
    return kind, detail


def summarise(results, seconds):
    rooms = collections.defaultdict(collections.Counter)
    total = collections.Counter()
    hangs = 0
    for mutation, (kind, detail) in results:
        rooms[mutation.room][kind] += 1
        total[kind] += 1
        hangs += kind == KILLED and detail.endswith("hangs")
    print("\n| room | mutations | killed | survive for a reason | other |\n|---|---|---|---|---|")
    for room, count in sorted(rooms.items()):
        other = sum(count.values()) - count[KILLED] - count[EXPECTED]
        print(f"| {room} | {sum(count.values())} | {count[KILLED]} | {count[EXPECTED]} | {other} |")
    print(f"\n{len(results)} mutations: {total[KILLED]} killed ({hangs} by a hang), {total[EXPECTED]} survive for a "
          f"reason, {total[SURVIVED]} survived, {total[UNEXPECTED]} killed although the list says otherwise, "
          f"{total[BROKEN]} do not build; {seconds / 60:.0f} minutes")
    return 0 if total[KILLED] + total[EXPECTED] == len(results) else 1


def run_all(args, chosen):
    begin = time.monotonic()
    work = Workspace(ROOT, os.path.abspath(args.build), args.jobs)
    work.update()
    record = Record(os.path.join(args.build, "results.jsonl"), work.digest(), args.again)
    seconds = usual_seconds(work, record, chosen)
    results = []
    for number, mutation in enumerate(chosen, 1):
        key = (mutation.title, mutation.old, mutation.new, mutation.tests)
        known = record.find(*key)
        if known is None:
            known = run(work, mutation, seconds)
            record.keep(known, *key)
        kind, detail = judge(mutation, *known)
        results.append((mutation, (kind, detail)))
        print(f"[{number}/{len(chosen)}] {mutation.title}: {kind} {detail}", flush=True)
    return summarise(results, time.monotonic() - begin)


def main():
    args = parse()
    try:
        chosen = select(args.only)
        if args.check:
            return 0
        if args.list:
            print_list(chosen)
            return 0
        return run_all(args, chosen)
    except (mutations.ListError, WorkError) as error:
        sys.exit(f"mutate: {error}")
    except KeyboardInterrupt:
        sys.exit("\nmutate: stopped; the same command goes on from here")


if __name__ == "__main__":
    sys.exit(main())
