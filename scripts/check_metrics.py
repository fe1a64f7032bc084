#!/usr/bin/env python3
"""Reads what /metrics says with the parser of Prometheus' own client, and compares it with what was done.

    check_metrics.py [BINARY]

Starts BINARY (target/debug/mcop-api) on a free port, calls it a few times and asks for the figures.
"""

import gzip
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families

REPO = Path(__file__).resolve().parent.parent
MEDIA_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(binary, port):
    server = subprocess.Popen([binary], env={"HOST": "127.0.0.1", "PORT": str(port), "LOG_LEVEL": "ERROR"})
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
            return server
        except OSError:
            time.sleep(0.05)
    server.kill()
    sys.exit("the server did not start")


def scrape(base):
    """The samples by name and labels, as Prometheus asks for them: compressed."""
    request = urllib.request.Request(f"{base}/metrics", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Content-Type"] == MEDIA_TYPE, answer.headers["Content-Type"]
        assert answer.headers["Content-Encoding"] == "gzip", "not compressed"
        text = gzip.decompress(answer.read()).decode()
    families = list(text_string_to_metric_families(text))
    names = [family.name for family in families]
    assert len(names) == len(set(names)), "a family twice"
    undocumented = [family.name for family in families if not family.documentation]
    assert not undocumented, undocumented
    samples = [sample for family in families for sample in family.samples]
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}


def call(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else REPO / "target/debug/mcop-api"
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    server = started(binary, port)
    try:
        for _ in range(3):
            call(f"{base}/api/schemas")
        call(f"{base}/api/tables/none")
        call(f"{base}/api/chat", {"content": "help"})
        run = call(f"{base}/api/pipeline/run", {"document": "orders by supplier"})["session_id"]
        while call(f"{base}/api/pipeline/{run}/status")["status"] == "running":
            time.sleep(0.05)
        while (samples := scrape(base))["mcop_runs_under_way", ()]:
            time.sleep(0.05)
    finally:
        server.terminate()
        server.wait()

    def answers(route, method, status):
        labels = tuple(sorted({"route": route, "method": method, "status": str(status)}.items()))
        return samples["mcop_http_requests_total", labels]

    assert answers("/api/schemas", "GET", 200) == 3
    assert answers("/api/tables/{name}", "GET", 404) == 1
    assert answers("/api/pipeline/run", "POST", 200) == 1
    assert samples["mcop_runs_total", (("outcome", "completed"),)] == 1
    assert samples["mcop_turns_total", (("outcome", "answered_by_rules"),)] == 1
    assert abs(samples["process_start_time_seconds", ()] - time.time()) < 60
    print(f"{len(samples)} samples read, and they are what was done.")


if __name__ == "__main__":
    main()
