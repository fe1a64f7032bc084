#!/usr/bin/env python3
"""Runs the Autobahn cases for WebSocket servers against examples/websocket_echo.rs.

    check_websocket_protocol.py [BINARY]

BINARY (target/debug/examples/websocket_echo) must be built. The suite is installed into a virtual
environment below target/ci. Compression (cases 12 and 13) is not offered and not tested. Any behaviour but
OK, NON-STRICT and INFORMATIONAL fails the check, and so does a suite that ran fewer cases than it has.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target"))
SUITE = "kosoku==0.1.0"
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
CASES = 301
PATIENCE = 120


def suite():
    """The suite's command, installed where it is not."""
    folder = TARGET / "ci" / "venv-websocket"
    command = folder / "bin" / "kosoku"
    if not command.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", SUITE], check=True)
    return command


def run_cases(command, address, folder):
    """What became of each case, by its id."""
    arguments = ["-m", "fuzzingclient", "-x", "12.*", "-x", "13.*", "-p", "4", "-o", folder, address]
    with open(Path(folder, "log"), "w") as log:
        try:
            ended = subprocess.run([command, *arguments], stdout=log, stderr=log, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            sys.exit(f"the suite is not through after {PATIENCE} s; it usually takes 10")
    report = Path(folder, "index.json")
    if not report.exists():
        sys.exit(f"the suite ended with {ended.returncode}:\n{Path(folder, 'log').read_text()}")
    (cases,) = json.loads(report.read_text()).values()
    return cases


def main():
    binary = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET / "debug" / "examples" / "websocket_echo"
    command = suite()
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen([binary], stdout=subprocess.PIPE, text=True)
        try:
            cases = run_cases(command, server.stdout.readline().strip(), folder)
        finally:
            server.kill()
            server.wait()
    counts = Counter(case["behavior"] for case in cases.values())
    print(f"{len(cases)} cases: " + ", ".join(f"{count} {behaviour}" for behaviour, count in counts.most_common()))
    for name, case in cases.items():
        if {case["behavior"], case["behaviorClose"]} - GOOD:
            print(f"case {name}: {case['behavior']}, closing {case['behaviorClose']}")
    failed = any({case["behavior"], case["behaviorClose"]} - GOOD for case in cases.values())
    if failed or len(cases) < CASES:
        sys.exit("the WebSocket protocol is not kept")


if __name__ == "__main__":
    main()
