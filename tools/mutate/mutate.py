#!/usr/bin/env python3
"""Shows that the tests can fail: breaks one line of the product at a time, and runs the tests that ought to notice.

The mistakes are those of mutations.txt. Each is made in a copy of the tree, built, and tested; the checkout is not
touched. After Ctrl-C, the same command goes on. What a test has noticed is not tried again as long as the product
stays the same; what nobody noticed, as long as the tests do, too.
Exit code 0 when every mutation was noticed by a test, or survives for the reason that the list gives.
"""

import argparse
import collections
import os
import signal
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


class Runner:
    """Makes the mistakes of the list in a workspace, one after the other, and remembers what came of them."""

    def __init__(self, work, record):
        self._work, self._record = work, record
        self._product, self._everything = work.digests()

    def find(self, mutation):
        """What came of it before, as run() has it; None when it is to be run."""
        key = _key(mutation)
        return self._record.find(self._product, *key) or self._record.find(self._everything, *key)

    def run(self, mutation):
        """A kind of result, and what there is to say about it."""
        sound = self._work.read(mutation.file)
        try:
            result = self._try_tests(mutation, sound, mutation.apply(sound))
        finally:
            self._work.write(mutation.file, sound)
        # More tests take nothing back of what one has noticed.
        self._record.keep(result, self._product if result[0] == KILLED else self._everything, *_key(mutation))
        return result

    def _try_tests(self, mutation, sound, broken):
        for test in mutation.tests:
            seconds = self._record.find(self._everything, test)
            if seconds is None:
                self._work.write(mutation.file, sound)
                seconds = self._run_sound(test)
            self._work.write(mutation.file, broken)
            failure = self._work.build(test)
            if failure:
                return BROKEN, failure
            result, _ = self._work.test(test, seconds)
            if result == "TIMEOUT":
                return KILLED, f"by {test}, which hangs"
            if result not in ("OK", "SKIP"):
                return KILLED, f"by {test}"
        return SURVIVED, f"all pass: {', '.join(mutation.tests)}"

    def _run_sound(self, test):
        """How long a test takes in the sound tree, where it must pass: else its failure would show nothing."""
        failure = self._work.build(test)
        if failure:
            raise WorkError(failure)
        result, seconds = self._work.test(test)
        if result != "OK":
            raise WorkError(f"test {test} of the sound tree: {result}. It would show nothing: cure it, or take it out "
                            "of the list")
        self._record.keep(seconds, self._everything, test)
        return seconds


def _key(mutation):
    return mutation.title, mutation.old, mutation.new, mutation.tests


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
    unknown = {test for mutation in chosen for test in mutation.tests} - work.test_names()
    if unknown:
        raise mutations.ListError(f"the list names tests that there are not: {', '.join(sorted(unknown))}")
    runner = Runner(work, Record(os.path.join(args.build, "results.jsonl"), args.again))
    results = []
    for number, mutation in enumerate(chosen, 1):
        kind, detail = judge(mutation, *(runner.find(mutation) or runner.run(mutation)))
        results.append((mutation, (kind, detail)))
        print(f"[{number}/{len(chosen)}] {mutation.title}: {kind} {detail}", flush=True)
    return summarise(results, time.monotonic() - begin)


def stop(*_):
    raise KeyboardInterrupt


def main():
    args = parse()
    signal.signal(signal.SIGINT, stop)  # in the background, too, where a shell has it ignored
    signal.signal(signal.SIGTERM, stop)
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
