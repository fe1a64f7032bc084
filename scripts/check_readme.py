#!/usr/bin/env python3
"""Runs the README's console session against a server, and its evaluation, and compares what they print.

    check_readme.py [--update] [BINARY]

Starts BINARY (target/debug/mcop-api) on a free port, which takes the place of the 8000 that readers use,
and runs the commands of all `console` blocks in one shell. Session ids differ from run to run and are
compared as such. Between its two comments the README shows what target/debug/examples/evaluate prints.
With --update the README is written anew with what was printed.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
README = REPO / "README.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EVALUATION = re.compile(r"(?<=<!-- evaluation -->\n).*?(?=<!-- end of evaluation -->)", re.DOTALL)
END_OF_COMMAND = "<end of command>"


def start(binary, port):
    server = subprocess.Popen([binary], env={"PORT": str(port), "LOG_LEVEL": "ERROR"})
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://localhost:{port}/health", timeout=1).close()
            return server
        except OSError:
            time.sleep(0.05)
    server.kill()
    sys.exit("the server did not start")


def outputs_of(commands, port, folder, binary):
    """What each command prints, all of them run by one shell in a copy of the repository's data."""
    (folder / "data").symlink_to(REPO / "data")
    script = ["set -uo pipefail"]
    for command in commands:
        script += [command.replace("localhost:8000", f"localhost:{port}"), f"echo; echo '{END_OF_COMMAND}'"]
        # Readers take longer to type the next line than a run takes; a script does not.
        if command.startswith("run="):
            script.append("sleep 2")
    path = f"{binary.parent}:{os.environ['PATH']}"
    shell = subprocess.run(
        ["bash"], input="\n".join(script), cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    if shell.stderr:
        sys.exit(f"the session printed errors:\n{shell.stderr}")
    printed = shell.stdout.split(f"{END_OF_COMMAND}\n")[:-1]
    return [text.strip("\n") for text in printed]


def main():
    arguments = sys.argv[1:]
    update = "--update" in arguments
    binary = Path(next((a for a in arguments if not a.startswith("--")), REPO / "target/debug/mcop-api")).absolute()
    readme = README.read_text()
    commands = [line[2:] for block in BLOCK.findall(readme) for line in block.splitlines() if line.startswith("$ ")]
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = start(binary, port)
    try:
        with tempfile.TemporaryDirectory() as folder:
            outputs = iter(outputs_of(commands, port, Path(folder), binary))
    finally:
        server.terminate()
        server.wait(timeout=15)

    def written(block):
        lines = []
        for line in block[1].splitlines():
            if line.startswith("$ "):
                output = next(outputs)
                lines += [line] + ([output] if output else [])
        return "```console\n" + "\n".join(lines) + "\n```"

    fresh = BLOCK.sub(written, readme)
    evaluation = subprocess.run([REPO / "target/debug/examples/evaluate"], capture_output=True, text=True, check=True)
    # Headings of the printed tables stand below the README's own.
    fresh = EVALUATION.sub(lambda _: "\n" + evaluation.stdout.replace("## ", "#### ").strip() + "\n\n", fresh)
    if update:
        README.write_text(fresh)
    elif UUID.sub("<id>", fresh) != UUID.sub("<id>", readme):
        import difflib

        sys.exit("\n".join(difflib.unified_diff(readme.splitlines(), fresh.splitlines(), "README.md", "printed", lineterm="")))
    print(f"README: {len(commands)} commands and the evaluation print what it shows")


if __name__ == "__main__":
    main()
