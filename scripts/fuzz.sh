#!/usr/bin/env bash
# Builds the fuzz targets and runs each for a time: scripts/fuzz.sh [SECONDS [TARGET…]]
#
# Inputs that reach something new are kept below target/fuzz/found, for the next run here. An
# input that breaks a promise stops the script and is kept in target/fuzz/broken; with the slip mended
# it belongs into fuzz/corpus/, where `cargo test` replays it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-20}
shift || true
host=$(rustc -vV | sed -n 's/^host: //p')
found=target/fuzz/found
broken=target/fuzz/broken
mkdir -p "$found" "$broken"

# The passes of the compiler that libFuzzer is guided by; stable takes them, only cargo-fuzz wants nightly.
# For this target alone: build scripts are no matter of it.
export RUSTFLAGS='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table --cfg fuzzing'
start=$SECONDS
CARGO_TARGET_DIR=target/fuzz cargo build --quiet --release --locked --manifest-path fuzz/Cargo.toml --target "$host"
printf 'built in %d s\n' $((SECONDS - start))

(($#)) || set -- $(sed -n 's/^name = "\(.*\)"$/\1/p' fuzz/Cargo.toml | tail -n +2)
printf '%-18s %10s %8s %8s %8s\n' target runs exec/s kept new
for target in "$@"; do
    mkdir -p "$found/$target"
    log=target/fuzz/$target.log
    # 4 KiB an input: what is longer repeats what is shorter. A single input over 10 s, or 2 GiB, is a find.
    "target/fuzz/$host/release/$target" "$found/$target" "fuzz/corpus/$target" \
        -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        $([[ -f fuzz/$target.dict ]] && echo "-dict=fuzz/$target.dict") \
        -artifact_prefix="$broken/$target-" >"$log" 2>&1 || {
        grep --text --invert-match '^#' "$log" | tail -n 40
        echo "$target broke a promise: the input is in $broken" >&2
        exit 1
    }
    stat() { sed -n "s/^stat::$1: *//p" "$log"; }
    printf '%-18s %10d %8d %8d %8d\n' "$target" "$(stat number_of_executed_units)" "$(stat average_exec_per_sec)" \
        "$(find "fuzz/corpus/$target" -type f | wc -l)" "$(stat new_units_added)"
done
