#!/usr/bin/env bash
# Runs fuzz targets under libFuzzer and the address sanitizer. A finding makes it fail, and it says where the input lies.
#   Tests/fuzz/run.sh [TARGET] [SECONDS]
# TARGET is a codec, with all targets that belong to it, or one target; without it, all targets run. SECONDS is the time of each; the
# default is 30. `make fuzz FORMAT=tiff SECONDS=600` calls it.
#
# Environment: FUZZ_JOBS, how many targets run at once (2); FUZZ_RUNS, the number of tries of each target, in place of SECONDS;
# FUZZ_ARGUMENTS, more options of libFuzzer.
set -euo pipefail
wanted=${1:-}
seconds=${2:-30}
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
work=$root/.build/fuzz
jobs=${FUZZ_JOBS:-2}

build=(-c release --scratch-path "$work" --product iolink-fuzz -Xswiftc -enable-testing -Xswiftc -sanitize=fuzzer,address
  -Xswiftc -DIOLINK_FUZZING)
"${SWIFT:-swift}" build "${build[@]}" >&2
program=$work/release/iolink-fuzz

# Leaks are looked for when a target ends, which needs ptrace; containers may not allow it.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0:allocator_may_return_null=0:malloc_context_size=2}

# Swift's own report of a crash would come before that of libFuzzer, and take minutes under the sanitizer.
export SWIFT_BACKTRACE=enable=no

rm -rf "$work/seeds"
"$program" --seeds "$work/seeds" "$root/fixtures" "$root/Tests/HDF5PluginTests/Fixtures"
cp -r findings/. "$work/seeds"

targets=()
for target in $("$program" --targets); do
  [[ -z $wanted || $target == "$wanted" || $target == "$wanted"-* ]] && targets+=("$target")
done
if [ ${#targets[@]} -eq 0 ]; then
  echo "no target is named \"$wanted\"; the targets are" $("$program" --targets) >&2
  exit 64
fi

# Fuzzes one target. What it learns is kept in .build/fuzz/corpus for the next run.
fuzz() {
  local target=$1
  local findings=$work/findings/$target
  mkdir -p "$work/corpus/$target" "$findings" "$work/logs"
  local limit=(-max_total_time="$seconds")
  [ -z "${FUZZ_RUNS:-}" ] || limit=(-runs="$FUZZ_RUNS")
  # A try that takes longer than 60 s, or memory beyond the limits, is a finding: ReadLimits allow 1 MiB here.
  if ! IOLINK_FUZZ_TARGET=$target nice -n 19 "$program" "${limit[@]}" -timeout=60 -rss_limit_mb=2048 -malloc_limit_mb=128 \
    -max_len=16384 -dict="dictionaries/${target%%-*}.dict" -artifact_prefix="$findings/" -print_final_stats=1 \
    ${FUZZ_ARGUMENTS:-} "$work/corpus/$target" "$work/seeds/$target" >"$work/logs/$target.log" 2>&1; then
    grep -E 'FINDING|Fatal error|ERROR:|SUMMARY|Test unit written|Assertion' "$work/logs/$target.log" | head -n 8 || tail -n 20 "$work/logs/$target.log"
    echo "$target: a finding. The log is $work/logs/$target.log; to repeat it: IOLINK_FUZZ_TARGET=$target $program INPUT"
    return 1
  fi
  local runs coverage
  runs=$(sed -nE 's/^stat::number_of_executed_units: *([0-9]+).*/\1/p' "$work/logs/$target.log" | tail -n 1)
  coverage=$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$work/logs/$target.log" | tail -n 1)
  echo "$target: ${runs:-0} executions, ${coverage:-no coverage}, no finding"
}

failed=0
running=0
for target in "${targets[@]}"; do
  if [ "$running" -ge "$jobs" ]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  fuzz "$target" &
  running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
  wait -n || failed=1
  running=$((running - 1))
done
exit "$failed"
