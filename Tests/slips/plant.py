#!/usr/bin/env python3
"""Plants slips, one at a time, and shows which tests notice them.

    Tests/slips/plant.py                    all slips of Tests/slips/*.toml
    Tests/slips/plant.py chunks tiff-4      those of chunks.toml, and the fourth of tiff.toml
    Tests/slips/plant.py --runs 10 chunks   each ten times; a slip must be noticed every time
    Tests/slips/plant.py --build-only       only builds the planted copy, in .build-slips

A slip is a small, plausible mistake in the product's code. A table in a .toml file says where it goes and which test must notice it:

    [[slip]]
    file = "Sources/IOLinkCore/Chunks/ChunkCache.swift"
    old = "byteCount <= budget / 4"             # must occur exactly once; `within` narrows the search
    new = "byteCount <= budget"
    kind = "expression"                         # or "statements"
    test = "ChunkTests/tooLargeForTheCache"     # a filter of swift test
    what = "chunks above the cache's share are kept"

All slips are planted into one copy of the tree, each behind a switch that an environment variable turns on, so one build serves
all of them: `old` becomes `(slip(7) ? (new) : (old))`, or `if slip(7) { new } else { old }` for statements. Without the variable
the copy behaves like the original code, and its tests must pass.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent.parent
COPY = TREE / ".build-slips"

SWITCH = '''internal import CMutex

/// Whether the slip of this number is switched on.
@inline(never)
public func slip(_ number: Int) -> Bool { number == active }
private let active = Int(iolink_active_slip())
'''
SWITCH_HEADER = '''
#include <stdlib.h>
static inline int iolink_active_slip(void) { const char *text = getenv("IOLINK_SLIP"); return text ? atoi(text) : 0; }
'''
CORE = "Sources/IOLinkCore"


def load(names):
    """Returns the slips in the order of files and tables, numbered from 1."""
    slips = []
    for path in sorted(HERE.glob("*.toml")):
        for index, slip in enumerate(tomllib.loads(path.read_text())["slip"], 1):
            slips.append({"id": f"{path.stem}-{index}", "area": path.stem, "kind": "expression", **slip})
    if names:
        slips = [slip for slip in slips if slip["id"] in names or slip["area"] in names]
    if not slips:
        sys.exit(f"no slip matches {' '.join(names)}")
    return [{**slip, "number": number} for number, slip in enumerate(slips, 1)]


def planted(text, slip):
    """Returns the text of a file with the slip behind its switch, or None if `old` does not occur exactly once."""
    start, end = 0, len(text)
    if "within" in slip:  # search from there to the end of that declaration
        start = text.find(slip["within"])
        if start < 0:
            return None
        line = text.rfind("\n", 0, start) + 1
        indent = re.match(r" *", text[line:]).group()
        close = text.find(f"\n{indent}}}", start)
        end = close if close > 0 else end
    if text[start:end].count(slip["old"]) != 1:
        return None
    at = text.index(slip["old"], start)
    old, new, switch = slip["old"], slip["new"], f"slip({slip['number']})"
    if slip["kind"] == "expression":
        change = f"({switch} ? ({new}) : ({old}))"
    elif slip["kind"] == "statements":
        change = f"if {switch} {{\n{new}\n}} else {{\n{old}\n}}"
    elif slip["kind"] == "verbatim":  # `new` contains SLIP where the switch goes
        change = new.replace("SLIP", switch)
    else:
        sys.exit(f"{slip['id']}: kind is {slip['kind']}")
    return text[:at] + change + text[at + len(old):]


def write(path, text):
    """Writes a file unless it already has this content, so that little is compiled again."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def make_copy(slips):
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=TREE, check=True, capture_output=True, text=True).stdout.split("\n")
    files = [name for name in files if name and (TREE / name).is_file()]
    texts = {}
    stale = []
    for slip in slips:
        name = slip["file"]
        text = texts.get(name) or (TREE / name).read_text()
        changed = planted(text, slip)
        if changed is None:
            stale.append(slip["id"])
        else:
            texts[name] = changed
    for name, text in texts.items():
        if name.endswith(".swift") and not name.startswith(CORE + "/") and not re.search(r"^(\w+ )?import IOLinkCore$", text, re.M):
            texts[name] = "internal import IOLinkCore\n" + text
    for name in files:
        if name in texts:
            write(COPY / name, texts[name])
            continue
        source, target = TREE / name, COPY / name
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
            os.utime(target)
    write(COPY / CORE / "Slip.swift", SWITCH)
    header = TREE / "Sources/CMutex/include/CMutex.h"
    write(COPY / "Sources/CMutex/include/CMutex.h", header.read_text() + SWITCH_HEADER)
    known = set(files) | {f"{CORE}/Slip.swift"}
    for folder in ["Sources", "Plugins", "Tests", "Examples"]:
        for path in (COPY / folder).rglob("*.swift"):
            if str(path.relative_to(COPY)) not in known:
                path.unlink()
    return stale


def run(test, number, seconds):
    """Returns 0 if the test passes, 1 if it fails, 2 if it does not end in time, and 3 if the filter matches no test."""
    environment = {**os.environ, "IOLINK_CORPUS": os.environ.get("IOLINK_CORPUS", str((TREE / "../shared/corpus").resolve()))}
    if number:
        environment["IOLINK_SLIP"] = str(number)
    # Runs the test program itself, because `swift test` takes a lock and would run only one at a time.
    program = COPY / ".build/debug/IOLinkPackageTests.xctest"
    command = [str(program), "--testing-library", "swift-testing", "--filter", test]
    try:
        done = subprocess.run(command, cwd=COPY, env=environment, capture_output=True, text=True, timeout=seconds, errors="replace")
    except subprocess.TimeoutExpired:
        return 2, ""
    text = done.stdout + done.stderr
    count = sum(int(found) for found in re.findall(r"Test run with (\d+) test", text))
    if done.returncode == 0 and count == 0:
        return 3, text
    return (0 if done.returncode == 0 else 1), text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=300, help="after which a test counts as hanging, which is noticed too")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--build-only", action="store_true")
    parser.add_argument("--no-build", action="store_true")
    parser.add_argument("--whole", action="store_true", help="the whole suite instead of the named test")
    parser.add_argument("--show", action="store_true", help="print what the tests say")
    arguments = parser.parse_args()
    slips = load(arguments.names)
    stale = make_copy(slips)
    for name in stale:
        print(f"{name}: stale, its text is not there exactly once")
    if not arguments.no_build:
        built = subprocess.run(["swift", "build", "--build-tests"], cwd=COPY, capture_output=True, text=True)
        if built.returncode:
            errors = [line for line in (built.stdout + built.stderr).split("\n") if "error:" in line]
            sys.exit("\n".join(dict.fromkeys(errors)) or built.stdout + built.stderr)
    if arguments.build_only:
        return
    slips = [slip for slip in slips if slip["id"] not in stale]
    unnoticed = list(stale)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        tests = list(dict.fromkeys("." if arguments.whole else slip["test"] for slip in slips))
        sound = dict(zip(tests, pool.map(lambda test: run(test, 0, 3 * arguments.seconds), tests)))
        for test, (status, text) in sound.items():
            if status:
                print(f"{test} {['', 'fails', 'hangs', 'matches nothing'][status]} without any slip")
                if arguments.show:
                    print(text)

        def plant(slip):
            test = "." if arguments.whole else slip["test"]
            if sound[test][0]:
                return []
            return [run(test, slip["number"], arguments.seconds) for _ in range(arguments.runs)]

        for slip, results in zip(slips, pool.map(plant, slips)):
            noticed = sum(1 for status, _ in results if status in (1, 2))
            if arguments.show and results:
                print(results[0][1])
            if not results or noticed < arguments.runs:
                unnoticed.append(slip["id"])
            state = "noticed" if results and noticed == arguments.runs else "UNNOTICED" if noticed == 0 else "BY LUCK"
            hangs = ", hangs" if any(status == 2 for status, _ in results) else ""
            print(f"{slip['id']}: {state} {noticed}/{arguments.runs}{hangs}, {slip['test']}: {slip['what']}", flush=True)
    print(f"{len(slips) + len(stale) - len(unnoticed)} of {len(slips) + len(stale)} noticed")
    sys.exit(1 if unnoticed else 0)


if __name__ == "__main__":
    main()
