#!/usr/bin/env python3
"""Checks that the deployment files agree with each other and with what the README promises.

The platforms publish no schema that could be used offline, so these are our own rules: the port, the
health path, a stop that the platform waits for, one container that is not root. Neither platform has
seen the files because of it.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
PORT, HEALTH = 8000, "/health"
# The service is gone this long after the signal at the latest; a platform must wait longer.
STOP_SECONDS = 10

docker = (REPO / "Dockerfile").read_text()
final = docker[docker.rindex("\nFROM ") :]
railway = json.loads((REPO / "railway.json").read_text())
fly = tomllib.loads((REPO / "fly.toml").read_text())


def said(keyword):
    match = re.search(rf"^{keyword}\s+(.*)$", final, re.MULTILINE)
    return match[1] if match else ""


def seconds(text):
    return int(text.removesuffix("s"))


build, deploy = railway["build"], railway["deploy"]
service = fly["http_service"]
limits, checks = service["concurrency"], service["checks"]

RULES = [
    ("Dockerfile: EXPOSE", said("EXPOSE") == str(PORT)),
    ("Dockerfile: PORT is the exposed one", f"PORT={PORT} " in final),
    ("Dockerfile: a numeric user that is not root", bool(re.fullmatch(r"[1-9]\d*:[1-9]\d*", said("USER")))),
    ("Dockerfile: STOPSIGNAL", said("STOPSIGNAL") == "SIGTERM"),
    ("Dockerfile: exec-form CMD", said("CMD") == '["mcop-api"]'),
    ("Dockerfile: the binary checks itself", said("HEALTHCHECK").endswith('CMD ["mcop-api", "--healthcheck"]')),
    ("railway.json: Dockerfile builder", build["builder"] == "DOCKERFILE" and (REPO / build["dockerfilePath"]).is_file()),
    ("railway.json: health path", deploy["healthcheckPath"] == HEALTH),
    ("railway.json: health timeout", type(deploy["healthcheckTimeout"]) is int and 10 <= deploy["healthcheckTimeout"] <= 300),
    ("railway.json: restarts after a failure, not for ever", deploy["restartPolicyType"] == "ON_FAILURE" and deploy["restartPolicyMaxRetries"] > 0),
    # A string, as Railway's own documentation once showed it, fails the deployment.
    ("railway.json: draining is a number and outlasts the stop", type(deploy["drainingSeconds"]) is int and deploy["drainingSeconds"] > STOP_SECONDS),
    ("railway.json: the image's own start command", "startCommand" not in deploy),
    ("fly.toml: port, inside and out", service["internal_port"] == PORT and fly["env"]["PORT"] == str(PORT)),
    ("fly.toml: builds the Dockerfile", (REPO / fly["build"]["dockerfile"]).is_file()),
    ("fly.toml: stop signal", fly["kill_signal"] == said("STOPSIGNAL")),
    ("fly.toml: the kill outlasts the stop", STOP_SECONDS < fly["kill_timeout"] <= 300),
    ("fly.toml: health checks", bool(checks) and all(c["path"] == HEALTH and c["method"] == "GET" for c in checks)),
    ("fly.toml: a check ends before the next begins", all(seconds(c["timeout"]) < seconds(c["interval"]) for c in checks)),
    ("fly.toml: concurrency by requests", limits["type"] == "requests" and 0 < limits["soft_limit"] < limits["hard_limit"]),
    ("fly.toml: an idle machine keeps its sessions", service["auto_stop_machines"] == "off"),
]

broken = [rule for rule, holds in RULES if not holds]
for rule in broken:
    print(f"broken: {rule}", file=sys.stderr)
print(f"{len(RULES) - len(broken)} of {len(RULES)} deployment rules hold")
sys.exit(bool(broken))
