#!/usr/bin/env python3
"""Measures the speed of the service against its aims, as ratios within one run where a ratio is meant.

    scripts/measure.py                  # everything: the aims, then the growth curves (7 minutes)
    scripts/measure.py --only health    # one row; several with commas. --list names them
    scripts/measure.py --no-growth      # the aims alone

Builds the release binary and the benches, starts what it needs on free ports, prints one table and
writes docs/figures/speed.json. Rows that are not measured keep their record. What is compared is
measured in turns, A B A B, and the medians are compared: what else the machine does hits both.

Needs Python 3.11, cargo, and wrk (Debian: apt-get install wrk). The limits of the service are lifted
by its environment (SETTINGS). Nothing of the machine is recorded but its cores, memory and compiler.
"""

import argparse
import datetime
import http.client
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
RECORD = REPO / "docs" / "figures" / "speed.json"
COMMAND = "scripts/measure.py --only "

# All requests come from one address here, far more often than people ask.
SETTINGS = {
    "HOST": "127.0.0.1",
    "MAX_RUNS_PER_MINUTE": "0",
    "MAX_CLIENT_MESSAGES_PER_MINUTE": "0",
    "MAX_UPGRADES_PER_MINUTE": "0",
    "MAX_MESSAGES_PER_MINUTE": "1000000",
    "MAX_MESSAGE_BURST": "1000000",
    "MAX_CONNECTIONS": "20000",
    "MAX_SOCKETS": "20000",
    # As the image has them.
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "MALLOC_MMAP_THRESHOLD_": "131072",
}
ROUNDS, SECONDS, CONNECTIONS = 6, 2, 32
RUNS, WARM_RUNS, AT_ONCE, RUNS_AT_ONCE = 60, 5, 16, 480
STARTS = 15
# Sessions after which memory and look-ups are measured.
SESSIONS = [1, 1000, 2500, 5000, 10000]
# What headers of an answer are the connection's, or differ from answer to answer.
NOT_REPLAYED = {"content-length", "date", "connection", "transfer-encoding"}
REQUEST = REPO / "data" / "requests" / "cs.md"

ROWS = {}


def row(what, aim):
    """Registers the function that measures an aim: it answers with figure, whether it is met, details."""

    def register(measure):
        ROWS[measure.__name__] = (what, aim, measure)
        return measure

    return register


# --- what is started -------------------------------------------------------------------------------


class Built:
    """The paths of what cargo has built."""

    def __init__(self):
        command = ["cargo", "build", "--release", "--locked", "--message-format=json-render-diagnostics",
                   "--bin", "mcop-api", "--bench", "baseline", "--bench", "relay", "--bench", "scaling"]
        built = subprocess.run(command, cwd=REPO, stdout=subprocess.PIPE, check=True, text=True)
        messages = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
        self.paths = {message["target"]["name"]: message["executable"]
                      for message in messages if message.get("executable")}

    def __getitem__(self, name):
        return self.paths[name]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A server on a free port, with nothing of our environment but the path."""

    def __init__(self, command, settings):
        self.port = free_port()
        environment = {"PATH": os.environ["PATH"], "PORT": str(self.port)} | settings
        self.began = time.perf_counter()
        self.child = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def until_listening(self):
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except ConnectionRefusedError:
                if self.child.poll() is not None or time.perf_counter() - self.began > 20:
                    raise SystemExit(f"{self.child.args[0]} does not listen")
                time.sleep(0.0005)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:200]}")
        return answer.getheaders(), body

    def kilobytes(self, name):
        for line in Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise SystemExit(f"Linux does not say {name}")

    def processor_seconds(self):
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.child.kill()
        self.child.wait()


@contextmanager
def running(command, settings=None):
    process = Process(command, settings or {})
    try:
        yield process.until_listening()
    finally:
        process.stop()


def service(built, **settings):
    return running([built["mcop-api"]], SETTINGS | settings)


@contextmanager
def production_catalog(built):
    """The export of 2,182 assets that `benches/scaling` generates."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.json"
        with path.open("wb") as file:
            subprocess.run([built["scaling"], "export", "production"], stdout=file, check=True)
        yield str(path)


# --- requests a second, against bare hyper ---------------------------------------------------------


def wrk(port, path):
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", f"http://127.0.0.1:{port}{path}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{path}: {said}")
    line = next(line for line in said.splitlines() if line.startswith("Requests/sec"))
    return float(line.split(":")[1])


def compare(built, paths):
    """The service and bare hyper in turns; per path the rates of both and what an answer costs."""
    with service(built) as ours, tempfile.TemporaryDirectory() as folder:
        answers = {}
        for path in paths:
            headers, body = ours.get(path)
            kept = [[name, value] for name, value in headers if name.lower() not in NOT_REPLAYED]
            answers[path] = {"headers": kept, "body": body.decode()}
        file = Path(folder) / "answers.json"
        file.write_text(json.dumps(answers))
        with running([built["baseline"], str(file)]) as bare:
            return {path: in_turns(ours, bare, path) for path in paths}


def in_turns(ours, bare, path):
    rates = {"service": [], "bare_hyper": []}
    spent = {"service": 0.0, "bare_hyper": 0.0}
    for _ in range(ROUNDS):
        for name, server in (("service", ours), ("bare_hyper", bare)):
            before = server.processor_seconds()
            rates[name].append(wrk(server.port, path))
            spent[name] += server.processor_seconds() - before
    answered = {name: sum(rates[name]) * SECONDS for name in rates}
    return {
        "ratio": round(statistics.median(rates["service"]) / statistics.median(rates["bare_hyper"]), 3),
        "requests_per_second": {name: spread(values, 0) for name, values in rates.items()},
        "processor_us_per_request": {name: round(spent[name] * 1e6 / answered[name], 2) for name in rates},
        "command": f"wrk -t1 -c{CONNECTIONS} -d{SECONDS}s http://127.0.0.1:PORT{path}",
    }


def spread(values, digits=2):
    return {"median": round(statistics.median(values), digits), "min": round(min(values), digits),
            "max": round(max(values), digits), "rounds": len(values)}


def shown_ratio(path, measured):
    rates = measured["requests_per_second"]
    return (f"{measured['ratio']:.2f} ({rates['service']['median']:,.0f} of "
            f"{rates['bare_hyper']['median']:,.0f} a second)")


@row("`GET /health` against bare hyper with the same body", "≥ 0.90")
def health(built):
    measured = compare(built, ["/health"])["/health"]
    return shown_ratio("/health", measured), measured["ratio"] >= 0.90, measured


@row("`GET /api/tables` (45 tables), `/api/tables/{name}` against bare hyper with the same bytes", "≥ 0.85")
def tables(built):
    paths = ["/api/tables", "/api/tables/factv_purchase_order"]
    measured = compare(built, paths)
    figure = "; ".join(shown_ratio(path, measured[path]) for path in paths)
    return figure, all(measured[path]["ratio"] >= 0.85 for path in paths), measured


# --- runs ------------------------------------------------------------------------------------------


def run_once(connection, body, pause):
    """The seconds from the request of a run until its status is `completed`."""
    began = time.perf_counter()
    connection.request("POST", "/api/pipeline/run", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    if answer.status != 200:
        raise SystemExit(f"a run is refused: {answer.status} {said}")
    while True:
        connection.request("GET", f"/api/pipeline/{said['session_id']}/status")
        status = json.loads(connection.getresponse().read())["status"]
        if status == "completed":
            return time.perf_counter() - began
        if status == "failed":
            raise SystemExit("a run failed")
        time.sleep(pause)


def run_many(port, body, runs, clients):
    """The runs a second of so many clients, each of whom waits for its run before the next."""
    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(runs // clients):
            run_once(connection, body, 0.02)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return runs / (time.perf_counter() - began)


@row("`POST /api/pipeline/run` to `completed`, 2,182 assets: p50; with 16 at once", "≤ 25 ms; ≥ 100 runs/s")
def runs(built):
    body = json.dumps({"document": REQUEST.read_text()})
    with production_catalog(built) as catalog, service(built, CATALOG_PATH=catalog) as ours:
        connection = http.client.HTTPConnection("127.0.0.1", ours.port)
        first = run_once(connection, body, 0.0005) * 1000
        for _ in range(WARM_RUNS):
            run_once(connection, body, 0.0005)
        times = sorted(run_once(connection, body, 0.0005) * 1000 for _ in range(RUNS))
        rates = [run_many(ours.port, body, RUNS_AT_ONCE, AT_ONCE) for _ in range(3)]
    median, rate = statistics.median(times), statistics.median(rates)
    detail = {"first_ms": round(first, 2), "one_at_a_time_ms": spread(times), "runs_per_second": spread(rates),
              "at_once": AT_ONCE}
    figure = f"{median:.1f} ms (the first {first:.1f} ms); {rate:.0f} runs/s"
    return figure, median <= 25 and rate >= 100, detail


# --- benches/relay ---------------------------------------------------------------------------------


def bench(built, name, *arguments):
    """The rows that a bench prints, as one list of dictionaries."""
    said = subprocess.run([built[name], *arguments], capture_output=True, text=True)
    if said.returncode != 0:
        raise SystemExit(f"{name} {' '.join(arguments)}: {said.stderr[-2000:]}")
    heads, rows = None, []
    for line in said.stdout.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            heads = None
        elif heads is None:
            heads = cells
        elif not set(line) <= set("|-"):
            rows.append(dict(zip(heads, cells)))
    return rows


def number(text):
    return float(text.split()[0].replace(",", ""))


def milliseconds(text):
    return number(text) * (1000 if text.endswith(" s") else 1)


@row("relay of model tokens, 200 sockets × 50/s: added p50 / p99; at full speed against a relay that copies bytes",
     "≤ 0.2 / 2 ms; ≥ 0.5")
def relay(built):
    paced = bench(built, "relay", "pace")
    fast = bench(built, "relay", "speed")
    added = next(line["added"] for line in paced if line["sockets"] == "200")
    p50, p99 = (number(part) for part in added.split("/"))
    ratios = {line["sockets"]: float(line["ratio"]) for line in fast}
    figure = f"{p50:.2f} / {p99:.2f} ms; " + ", ".join(
        f"{ratio:.2f} with {sockets}" for sockets, ratio in ratios.items())
    met = p50 <= 0.2 and p99 <= 2 and all(ratio >= 0.5 for ratio in ratios.values())
    return figure, met, {"paced": paced, "full_speed": fast, "command": "cargo bench --bench relay -- pace speed"}


@row("an idle socket, of 5,000", "≤ 16 KiB")
def idle_socket(built):
    measured = bench(built, "relay", "memory")[0]
    each = next(number(value) for name, value in measured.items() if name.startswith("per idle socket"))
    return f"{each:.1f} KiB", each <= 16, measured | {"command": "cargo bench --bench relay -- memory"}


@row("10,000 sockets open, 500 of them chatting: `/health` p99", "< 50 ms")
def crowd(built):
    measured = bench(built, "relay", "crowd")
    largest = measured[-1]
    p99 = number(largest["p99"])
    figure = f"{p99:.1f} ms, {largest['answers/s']} answers a second"
    met = p99 < 50 and largest["closed by the service"] == "0"
    return figure, met, {"crowds": measured, "command": "cargo bench --bench relay -- crowd"}


# --- at rest ---------------------------------------------------------------------------------------


@row("memory at rest, the sample catalog", "≤ 15 MB")
def memory(built):
    """As after a deployment: with the program read from the disk, not left in memory by who wrote it."""
    file = os.open(built["mcop-api"], os.O_RDONLY)
    os.fsync(file)
    resident = []
    for _ in range(3):
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        with service(built) as ours:
            ours.get("/health")
            time.sleep(2)
            resident.append({name: ours.kilobytes(name) for name in ("VmRSS", "RssAnon", "RssFile")})
    os.close(file)
    middle = sorted(resident, key=lambda each: each["VmRSS"])[1]
    megabytes = middle["VmRSS"] * 1024 / 1e6
    figure = f"{megabytes:.1f} MB, of it {middle['RssAnon'] * 1024 / 1e6:.1f} MB anonymous"
    return figure, megabytes <= 15, {"kilobytes": middle}


@row("start to the first healthy answer", "≤ 50 ms")
def start(built):
    times = []
    for _ in range(STARTS):
        with running([built["mcop-api"]], SETTINGS) as ours:
            ours.get("/health")
            times.append((time.perf_counter() - ours.began) * 1000)
    median = statistics.median(times)
    return f"{median:.0f} ms ({min(times):.0f}–{max(times):.0f})", median <= 50, {"ms": spread(times, 1)}


@row("the release binary", "≤ 12 MB")
def binary(built):
    size = os.path.getsize(built["mcop-api"])
    return f"{size / 1e6:.1f} MB", size <= 12e6, {"bytes": size}


# --- growth ----------------------------------------------------------------------------------------


def catalog_growth(built):
    lines = bench(built, "scaling", "runs")
    points = []
    for line in lines:
        tables_and_columns = line["tables × columns"]
        if "production" in tables_and_columns or "with" in tables_and_columns:
            continue
        points.append({
            "tables": int(number(tables_and_columns)),
            "load_ms": milliseconds(line["load"]),
            "analyse_ms": milliseconds(line["index and analyse"]),
            "run_ms": milliseconds(line["later runs (median)"]),
            "peak_mb": number(line["peak memory"]),
        })
    return points


def socket_growth(crowds):
    return [{"sockets": int(line["sockets"]), "chatting": int(line["of them chatting"]),
             "open_mib": number(line["memory when all are open"]), "chatting_mib": number(line["while they chat"]),
             "health_p50_ms": number(line["/health p50"]), "health_p99_ms": number(line["p99"])}
            for line in crowds]


def session_growth(built):
    """Sessions that chat once each: what they hold, and what it takes to look one up."""
    points = []
    settings = {"MAX_SESSIONS": "20000", "LOG_LEVEL": "ERROR"}
    with service(built, **settings) as ours:
        kept = 0
        for sessions in SESSIONS:
            add_sessions(ours.port, kept, sessions)
            kept = sessions
            asked = f"/api/pipeline/grown-{kept // 2}/status"
            rates = [wrk_latency(ours.port, asked) for _ in range(3)]
            points.append({"sessions": sessions, "rss_mib": round(ours.kilobytes("VmRSS") / 1024, 1),
                           "lookup_us": round(statistics.median(rates), 1)})
    return points


def add_sessions(port, first, end):
    """Opens the sessions by one short question each, on 64 connections."""
    def client(share):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for place in share:
            asked = json.dumps({"session_id": f"grown-{place}", "content": "Which facts are in dm_bs_logistics?"})
            connection.request("POST", "/api/chat", asked, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 200:
                raise SystemExit(f"a question is refused: {answer.status} {said[:300]}")

    shares = [range(first + offset, end, 64) for offset in range(64)]
    threads = [threading.Thread(target=client, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wrk_latency(port, path):
    """Microseconds that one call takes which no other waits for."""
    command = ["wrk", "-t1", "-c1", "-d1s", f"http://127.0.0.1:{port}{path}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    line = next(line for line in said.splitlines() if line.startswith("Requests/sec"))
    return 1e6 / float(line.split(":")[1])


# --- the record ------------------------------------------------------------------------------------


def machine():
    memory_kb = int(Path("/proc/meminfo").read_text().split("MemTotal:")[1].split()[0])
    rustc = subprocess.run(["rustc", "--version"], cwd=REPO, capture_output=True, text=True, check=True).stdout
    return {"cores": os.cpu_count(), "memory_gib": round(memory_kb / 1024 / 1024, 1),
            "architecture": platform.machine(), "system": platform.system(),
            "rustc": rustc.split()[1]}


def write(record):
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    RECORD.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def table(record):
    yield "| what | aim | figure | | command |"
    yield "|---|---|---|---|---|"
    for name in ROWS:
        if name in record["aims"]:
            each = record["aims"][name]
            met = "met" if each["met"] else "**missed**"
            yield f"| {each['what']} | {each['aim']} | {each['figure']} | {met} | `{each['command']}` |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="rows, with commas between them")
    parser.add_argument("--no-growth", action="store_true", help="leave the growth curves out")
    parser.add_argument("--list", action="store_true", help="print the names of the rows")
    asked = parser.parse_args()
    if asked.list:
        print("\n".join([*ROWS, "growth"]))
        return
    wanted = [name for name in asked.only.split(",") if name] or [*ROWS, "growth"]
    if asked.no_growth and "growth" in wanted:
        wanted.remove("growth")
    unknown = [name for name in wanted if name not in ROWS and name != "growth"]
    if unknown:
        raise SystemExit(f"no such row: {', '.join(unknown)}; --list names them")
    if not shutil.which("wrk"):
        raise SystemExit("wrk is missing: apt-get install wrk")
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {"aims": {}, "growth": {}}
    measure(Built(), wanted, record)
    print("\n".join(table(record)))
    if not all(record["aims"][name]["met"] for name in wanted if name in ROWS):
        sys.exit(1)


def measure(built, wanted, record):
    record["machine"] = machine()
    today = datetime.date.today().isoformat()
    for name in wanted:
        if name not in ROWS:
            continue
        what, aim, function = ROWS[name]
        print(f"{name} …", file=sys.stderr, flush=True)
        figure, met, detail = function(built)
        print(f"    {figure}", file=sys.stderr, flush=True)
        record["aims"][name] = {"what": what, "aim": aim, "figure": figure, "met": bool(met), "measured": today,
                                "command": COMMAND + name, "detail": detail}
        write(record)
    if "growth" in wanted:
        print("growth …", file=sys.stderr, flush=True)
        crowds = record["aims"].get("crowd", {}).get("detail", {}).get("crowds") or bench(built, "relay", "crowd")
        record["growth"] = {"measured": today, "catalog": catalog_growth(built), "sockets": socket_growth(crowds),
                            "sessions": session_growth(built)}
        write(record)


if __name__ == "__main__":
    main()
