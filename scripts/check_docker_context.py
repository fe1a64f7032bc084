#!/usr/bin/env python3
"""Runs the Dockerfile's build stage without a Docker engine.

An empty folder gets exactly what the stage's COPY lines take from the build context (what
.dockerignore lets through), and the stage's RUN lines run there, word for word and in order. Then the
binary that the final stage copies must start from another empty folder with the image's environment,
need no library that the final image lacks, answer its own health check, and stop on STOPSIGNAL.

What a Dockerfile can say and this script cannot follow stops it with a message; it never skips a line.
The runtime stage's own RUN lines (apt-get, useradd) need a root file system and are not run.
"""

import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent

# What debian:bookworm-slim has; anything else would have to be installed in the final stage.
RUNTIME_LIBRARIES = {"linux-vdso.so.1", "libc.so.6", "libm.so.6", "libgcc_s.so.1", "ld-linux"}

# Settings of this machine that would make the build another one than in the image.
FOREIGN = re.compile(r"(RUSTFLAGS|RUSTC_WRAPPER|RUSTC_WORKSPACE_WRAPPER)$|CARGO_(TARGET|BUILD|PROFILE|INCREMENTAL)")


def fail(message):
    sys.exit(f"check_docker_context: {message}")


def instructions(dockerfile):
    """`(keyword, argument)` of every instruction, continuation lines joined, comments dropped."""
    lines = [line for line in dockerfile.read_text().splitlines() if not line.lstrip().startswith("#")]
    text = re.sub(r"\\\n", " ", "\n".join(lines))
    for line in filter(None, map(str.strip, text.splitlines())):
        keyword, _, argument = line.partition(" ")
        yield keyword.upper(), argument.strip()


def stages(dockerfile):
    """The stages in order: `(name, instructions)`."""
    found = []
    for keyword, argument in instructions(dockerfile):
        if keyword == "FROM":
            image, _, name = argument.partition(" AS ")
            found.append((name or image, [(keyword, image)]))
        elif not found:
            fail(f"{keyword} before the first FROM")
        else:
            found[-1][1].append((keyword, argument))
    return found


def pattern(glob):
    """A .dockerignore pattern as a regular expression over a whole path."""
    parts = re.split(r"(\*\*/?|\*|\?)", glob.strip("/"))
    known = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    return re.compile("".join(known.get(part) or re.escape(part) for part in parts))


def context():
    """The files of the build context, relative to the repository. The last rule that fits decides."""
    rules = []
    for line in (REPO / ".dockerignore").read_text().splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            rules.append((not line.startswith("!"), pattern(line.removeprefix("!"))))

    def ignored(path):
        candidates = [path, *path.parents][:-1]
        verdict = False
        for ignore, rule in rules:
            if any(rule.fullmatch(candidate.as_posix()) for candidate in candidates):
                verdict = ignore
        return verdict

    for folder, names, files in os.walk(REPO):
        # Large, and never part of an image.
        names[:] = [name for name in names if name not in {".git", "target", "node_modules"}]
        for file in files:
            path = (Path(folder) / file).relative_to(REPO)
            if not ignored(path):
                yield path


def copy(argument, files, root, workdir):
    """`COPY source… target`, as Docker does it: a folder's contents, not the folder."""
    *sources, target = shlex.split(argument)
    if any(word.startswith("--") or "*" in word for word in sources):
        fail(f"cannot follow COPY {argument}")
    destination = root / (workdir / target).relative_to("/")
    into_folder = target.endswith("/") or len(sources) > 1
    for source in map(Path, sources):
        taken = [path for path in files if source in (path, *path.parents)]
        if not taken:
            fail(f"COPY {argument}: {source} is not in the build context")
        for path in taken:
            if path == source:
                to = destination / path.name if into_folder else destination
            else:
                to = destination / path.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPO / path, to)


def environment(argument):
    return dict(word.split("=", 1) for word in shlex.split(argument))


def build(stage, root):
    """Runs the stage below `root`."""
    files = sorted(context())
    print(f"build context: {len(files)} files, {sum((REPO / f).stat().st_size for f in files):,} bytes")
    env = {name: value for name, value in os.environ.items() if not FOREIGN.search(name)}
    workdir = Path("/")
    for keyword, argument in stage[1:]:
        print(f"-- {keyword} {argument}", flush=True)
        if keyword == "WORKDIR":
            workdir = workdir / argument
        elif keyword == "ENV":
            env |= environment(argument)
        elif keyword == "COPY":
            copy(argument, files, root, workdir)
        elif keyword == "RUN":
            # An absolute path would mean this machine's file system, not the image's.
            if argument.startswith(("--", "[", "<<")) or re.search(r"(?:^|[\s=\"'])/\w(?!ev/null)", argument):
                fail(f"cannot follow RUN {argument}")
            cwd = root / workdir.relative_to("/")
            cwd.mkdir(parents=True, exist_ok=True)
            start = time.monotonic()
            if subprocess.run(["/bin/sh", "-c", argument], cwd=cwd, env=env).returncode != 0:
                fail(f"RUN failed: {argument}")
            print(f"   {time.monotonic() - start:.0f} s", flush=True)
        else:
            fail(f"cannot follow {keyword} in the build stage")


def check_toolchain(stage):
    """The image's compiler must be one that Cargo.toml accepts; the local one should be the same."""
    image = stage[0][1]
    version = re.match(r"rust:(\d+)\.(\d+)", image)
    if not version:
        fail(f"the build stage's image is {image}, not rust:MAJOR.MINOR…")
    wanted = tomllib.loads((REPO / "Cargo.toml").read_text())["package"].get("rust-version", "0.0")
    if tuple(map(int, version.groups())) < tuple(map(int, wanted.split(".")[:2])):
        fail(f"{image} is older than rust-version = {wanted}")
    local = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout
    if f" {version[1]}.{version[2]}." not in local:
        print(f"note: the image has {image}, this machine {local.strip()}")


def check_binary(binary, final):
    """The binary as the final stage starts it."""
    said = dict(final[1:])
    env = {"PATH": f"{binary.parent}:/usr/bin:/bin"}
    for keyword, argument in final:
        if keyword == "ENV":
            env |= environment(argument)
    command = json.loads(said["CMD"])
    probe = json.loads(said["HEALTHCHECK"].partition("CMD ")[2])

    linked = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    names = {Path(line.split()[0]).name for line in linked.splitlines()}
    if foreign := {name for name in names if not name.startswith(tuple(RUNTIME_LIBRARIES))}:
        fail(f"the binary needs {sorted(foreign)}, which the final image does not have")

    with tempfile.TemporaryDirectory() as empty:
        # CMD and HEALTHCHECK name the binary; the image finds it on its PATH.
        for words in (command, probe):
            words[0] = shutil.which(words[0], path=env["PATH"]) or fail(f"{words[0]} is not on the PATH")

        def ask(words):
            try:
                return subprocess.run(words, cwd=empty, env=env, capture_output=True, text=True, timeout=5)
            except subprocess.TimeoutExpired:
                fail(f"{words[-1]} does not end within 5 s")

        version = ask([binary, "--version"])
        if version.returncode != 0 or binary.name not in version.stdout:
            fail(f"--version: exit {version.returncode}, {version.stdout!r} {version.stderr!r}")
        print(f"{version.stdout.strip()}: {binary.stat().st_size:,} bytes")

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            env["PORT"] = str(free.getsockname()[1])
        if ask(probe).returncode == 0:
            fail("the health check is content although nothing listens")

        server = subprocess.Popen(command, cwd=empty, env=env)
        try:
            deadline = time.monotonic() + 10
            while ask(probe).returncode != 0:
                if server.poll() is not None:
                    fail(f"the server stopped at once, exit {server.returncode}")
                if time.monotonic() > deadline:
                    fail("the health check still fails after 10 s")
                time.sleep(0.1)
            client = http.client.HTTPConnection("127.0.0.1", int(env["PORT"]), timeout=5)
            client.request("GET", "/health")
            answer = client.getresponse()
            print(f"GET /health: {answer.status} {answer.read().decode()}")
            client.close()
            if answer.status != 200:
                fail("/health is not 200")
            server.send_signal(signal.Signals[said["STOPSIGNAL"]])
            if server.wait(10) != 0:
                fail(f"{said['STOPSIGNAL']}: exit {server.returncode}")
        except subprocess.TimeoutExpired:
            fail(f"still running 10 s after {said['STOPSIGNAL']}")
        finally:
            server.kill()


def main():
    (name, builder), (_, final) = stages(REPO / "Dockerfile")
    check_toolchain(builder)
    taken = [shlex.split(argument)[1:] for keyword, argument in final if keyword == "COPY"]
    if len(taken) != 1 or f"COPY --from={name} " not in "\n".join(map(" ".join, final)):
        fail(f"the final stage should copy one thing, from {name}")
    with tempfile.TemporaryDirectory(prefix="docker-context-") as folder:
        root = Path(folder)
        build(builder, root)
        binary = root / Path(taken[0][0]).relative_to("/")
        if not binary.is_file():
            fail(f"the build left no {taken[0][0]}")
        check_binary(binary, final)
    print("the Docker build context builds and the result runs")


if __name__ == "__main__":
    main()
