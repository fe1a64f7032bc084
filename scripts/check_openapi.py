#!/usr/bin/env python3
"""Has schemathesis call the service by its own OpenAPI document, and compare all answers with it.

    check_openapi.py [BINARY]

BINARY (target/debug/mcop-api) must be built. The suite is installed into a virtual environment below target/ci.
All its checks run in all its phases, with 200 examples an operation and always the same seed; what it has to know
beside the document, with the reason, is in schemathesis.toml. Any failure fails the check, and so does an
operation that was not called.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target"))
SUITE = "schemathesis==4.32.5"
EXAMPLES = 200
PATIENCE = 600


def suite():
    """The suite's command, installed where it is not."""
    folder = TARGET / "ci" / "venv-openapi"
    command = folder / "bin" / "schemathesis"
    if not command.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", SUITE], check=True)
    return command


def started(binary):
    """The service on a free port, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Room for all runs that it starts, as often as it likes: that the service can be full and that a client can
    # ask too often is documented, and nothing to find.
    room = {"MAX_QUEUED_RUNS": "10000", "MAX_RUNS_PER_MINUTE": "0", "MAX_CLIENT_MESSAGES_PER_MINUTE": "0"}
    settings = {"PORT": str(port), "HOST": "127.0.0.1", "LOG_LEVEL": "OFF", "MAX_UPGRADES_PER_MINUTE": "0", **room}
    server = subprocess.Popen([binary], env={**os.environ, **settings})
    address = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{address}/health")
            return server, address
        except OSError:
            time.sleep(0.1)
    server.kill()
    sys.exit("the service does not start")


def without_keys(document):
    """The document without the keys of runs: the suite cannot know that a key fits one body only. Tests of our own do."""
    described = json.loads(document)
    for item in described["paths"].values():
        for operation in item.values():
            kept = [given for given in operation.get("parameters", []) if given["name"] != "Idempotency-Key"]
            operation["parameters"] = kept
    return json.dumps(described).encode()


def run(command, address, document, folder):
    """Whether all checks pass, and what is said of them."""
    # From a file: of the address that it loads a document from, schemathesis leaves out that one.
    Path(folder, "openapi.json").write_bytes(without_keys(document))
    # One worker: Python 3.11 loses count of its own recursion where two threads read source code at once.
    arguments = [
        command,
        *("--config-file", REPO / "scripts" / "schemathesis.toml"),
        *("run", "openapi.json", "--url", address),
        *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"),
        *("--max-examples", str(EXAMPLES), "--seed", "1", "--generation-database", "none"),
        *("--continue-on-failure", "--no-color", "--warnings", "off", "--request-timeout", "20", "--workers", "1"),
    ]
    try:
        ended = subprocess.run(arguments, cwd=folder, stdout=subprocess.PIPE, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        sys.exit(f"schemathesis is not through after {PATIENCE} s; it usually takes 140")
    return ended.returncode == 0, ended.stdout


def main():
    binary = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else TARGET / "debug" / "mcop-api"
    command = suite()
    server, address = started(binary)
    try:
        document = urllib.request.urlopen(f"{address}/openapi.json").read()
        operations = sum(len(item) for item in json.loads(document)["paths"].values())
        with tempfile.TemporaryDirectory() as folder:
            passed, said = run(command, address, document, folder)
    finally:
        server.terminate()
        server.wait()
    tested = re.search(r"Tested: (\d+)", said)
    cases = re.search(r"^\s*(\d+) generated.*", said, re.MULTILINE)
    if not passed or not tested or int(tested[1]) != operations:
        sys.exit(f"{said}\nthe document and the service differ")
    print(f"{operations} operations, {cases[0].strip() if cases else 'no cases'}")


if __name__ == "__main__":
    main()
