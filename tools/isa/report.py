#!/usr/bin/env python3
"""Compiles the programs of plans for GPUs that need not be here, and tells what their compilers made of them."""

import argparse
import json
import os
import sys
import tempfile

import densities
import table
from cache import Cache
from plans import make_plans
from programs import PlanError, merge, read_plan
from survey import survey
from targets import TARGETS, named

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, "report.md")
DONE, FAILED, USAGE, SKIPPED = 0, 1, 2, 77  # 77: what meson counts as a skipped test


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", metavar="DIR", nargs="*", help="what `pixcl plan --dump programs --output DIR` wrote")
    parser.add_argument("--plan", metavar="PIXCL", help="instead: the plans that this pixcl makes of both models for a "
                        "device of each target; its path")
    parser.add_argument("--targets", metavar="A,B", help="only these: " + ", ".join(one.name for one in TARGETS))
    parser.add_argument("--all", action="store_true", help="a row for every program, not only for those with a loop of "
                        "multiply-adds, or that spill")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything, for scripts")
    form.add_argument("--markdown", action="store_true", help="tables as Markdown")
    form.add_argument("--check", action="store_true", help="no tables: whether all compiles, nothing spills, and "
                      "densities are as expected; ends with 1 when not, and with 77 when no compiler is installed")
    form.add_argument("--update", action="store_true", help="writes what is now expected, tools/isa/densities.json, "
                      "and the tables, tools/isa/report.md")
    parser.add_argument("--cache", metavar="DIR", help="keeps results there, and takes from there what has not changed")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="compilers at a time (default: "
                        "as many as there are cores)")
    args = parser.parse_args()
    if bool(args.folders) == bool(args.plan):
        parser.error("expected either folders with programs or --plan PIXCL")
    if args.jobs < 1:
        parser.error(f"--jobs {args.jobs}: expected 1 or more")
    try:
        args.targets = named(args.targets.split(",")) if args.targets else None
    except ValueError as error:
        parser.error(f"--targets: {error}")
    return args


def split_targets(targets, programs):
    """Those that there is something to compile for, and to compile it with, and lines about the others."""
    reasons = {target: reason_to_skip(target, programs) for target in targets}
    lines = [f"{target.name}: skipped, there is no {reason}" for target, reason in reasons.items() if reason]
    return [target for target, reason in reasons.items() if not reason], lines


def reason_to_skip(target, programs):
    if not any(target.name in program.targets for program in programs):
        return f"plan for such devices, with waves of {target.lanes} work-items"
    return target.family.missing()


def to_json(results):
    return [{"target": result.target.name, "kernel": result.program.kernel, "file": result.program.path,
             "program": result.program.name, "shares": result.program.shares,
             **({"error": result.error} if result.error else result.measured.to_json())} for result in results]


def check(results, programs, skipped):
    wrong, untold = densities.complaints(results)
    for line in [*wrong, *untold, *skipped]:
        print(line)
    compiled = sum(not result.error for result in results)
    print(f"{compiled} of {len(results)} compiled: {len(programs)} programs, "
          f"{len({result.target.name for result in results})} targets; {len(skipped)} targets skipped")
    if wrong:
        print("The programs: pixcl plan --model MODEL --on DEVICE --dump programs --output DIR\n"
              "Where they are meant to be so: python3 tools/isa/report.py --plan PIXCL --update")
    return FAILED if wrong else DONE


def print_tables(results, skipped, args):
    for result in results:
        if result.error:
            print(f"{result.target.name}: {result.program.path} does not compile: {result.error}", file=sys.stderr)
    print(table.markdown(results, args.all) if args.markdown else table.text(results, args.all), end="")
    for line in skipped:
        print(line, file=sys.stderr)
    return FAILED if any(result.error for result in results) else DONE


def update(results, skipped):
    failed = [result for result in results if result.error]
    for result in failed:
        print(f"{result.target.name}: {result.program.path} does not compile: {result.error}", file=sys.stderr)
    for line in skipped:
        print(line, file=sys.stderr)
    if failed:
        print("Nothing is written.", file=sys.stderr)
        return FAILED
    densities.write(results)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write("# The kernels of both models' plans, as their compilers see them\n\n"
                   "Written by `tools/isa/report.py --update`; [README.md](README.md) tells how to read it.\n\n" +
                   table.markdown(results, whole=False))
    print(f"{densities.PATH} and {PAGE} are written")
    return DONE


def main():
    args = parse()
    with tempfile.TemporaryDirectory(prefix="pixcl-isa-") as scratch:
        try:
            programs = merge(make_plans(args.plan, args.targets or TARGETS, scratch) if args.plan else
                             [program for folder in args.folders for program in read_plan(folder)])
        except PlanError as error:
            print(f"report.py: {error}", file=sys.stderr)
            return USAGE
        return report(programs, args)


def report(programs, args):
    wanted = args.targets or [one for one in TARGETS if any(one.name in program.targets for program in programs)]
    targets, skipped = split_targets(wanted, programs)
    if not targets:
        print("\n".join(skipped))
        return SKIPPED if args.check else FAILED
    results = survey(programs, targets, Cache(args.cache), args.jobs)
    if args.check:
        return check(results, programs, skipped)
    if args.update:
        return update(results, skipped)
    if args.json:
        print(json.dumps(to_json(results), indent=1))
        return FAILED if any(result.error for result in results) else DONE
    return print_tables(results, skipped, args)


if __name__ == "__main__":
    sys.exit(main())
