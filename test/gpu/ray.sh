#!/usr/bin/env bash
# Ray on real GPUs, which npm test has only as numbers: which devices its workers get, what they write, what a killed one costs.
# usage: test/gpu/ray.sh [ROWS]     Needs two GPUs, cuDF, the built CUDA engine, a python3 with pyarrow, ray[default] and ray on the PATH, and a PostgreSQL
# that PGHOST, PGPORT and PGUSER name. Prints a JSON object a line: {"fact", "ok", "got", "wanted"}; what cannot be had here is {"left_out"}.
# With one GPU or none it runs what it can. Ends with 1 if a fact is not so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rows=${1:-2000000}
out=$(mktemp -d /tmp/gpuparser-gpu-ray-XXXXXX)
unset RAY_ADDRESS RAY_API_SERVER_ADDRESS CUDA_VISIBLE_DEVICES
export PGHOST=${PGHOST:-localhost} PGDATABASE=${PGDATABASE:-postgres} PGUSER=${PGUSER:-postgres} RAY_USAGE_STATS_ENABLED=0
failed=0
head=

finish() {
  stop_head
  rm -rf "$out"
}
trap finish EXIT

# An object of NAME=TEXT.
say() {
  node -e 'const pairs = process.argv.slice(1).map((text) => text.split(/=(.*)/s)), values = { true: true, false: false };
    console.log(JSON.stringify(Object.fromEntries(pairs.map(([name, text]) => [name, values[text] ?? text]))))' "$@"
}
fact() {
  local ok=true
  [[ $2 == "$3" ]] || ok=false failed=1
  say "fact=$1" "ok=$ok" "got=$2" "wanted=$3"
}
left_out() { say "left_out=$1"; }

# Runs a command; its standard error is in $log, and what CUDA_VISIBLE_DEVICES was in the worker processes that lived meanwhile in $seen.
log=$out/log seen=$out/seen
watched() {
  local command pid
  "$@" >"$out/summary" 2>"$log" &
  command=$!
  : >"$seen"
  while kill -0 "$command" 2>/dev/null; do
    for pid in $(workers); do
      { tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^CUDA_VISIBLE_DEVICES=//p' >>"$seen"; } 2>/dev/null || true
    done
    sleep 0.1
  done
  wait "$command" || { sed 's/^/  /' "$log" >&2; return 1; }
}
workers() { grep -sl '^gpuparser worker' /proc/[0-9]*/cmdline | grep -o '[0-9]*' || true; }
devices() { sort -u "$seen" | paste -sd' '; }
content() { python3 test/gpu/content.py "$1" l_orderkey l_linenumber; }
newest_chunk() { find "$1" -name 'lineitem_chunk_*.parquet' -print -quit 2>/dev/null; }

# A Ray of this script's own, with the environment that the caller sets before the name; $address is its dashboard.
start_head() {
  local dashboard gcs agent client tries
  read -r dashboard gcs agent client < <(node -e 'const net = require("node:net"), servers = Array.from({ length: 4 }, () => net.createServer().listen(0, "127.0.0.1"));
    setTimeout(() => { console.log(servers.map((s) => s.address().port).join(" ")); process.exit(); }, 50)')
  setsid ray start --head --block --disable-usage-stats --port="$gcs" --dashboard-host=127.0.0.1 --dashboard-port="$dashboard" \
    --dashboard-agent-listen-port="$agent" --ray-client-server-port="$client" --min-worker-port=0 --max-worker-port=0 --temp-dir="$out/ray$dashboard" \
    "$@" >"$out/head.log" 2>&1 </dev/null &
  head=$!
  address=http://127.0.0.1:$dashboard
  for ((tries = 0; tries < 240; tries++)); do
    node -e 'fetch(process.argv[1] + "/api/version").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "$address" && return 0
    kill -0 "$head" 2>/dev/null || break
    sleep 0.25
  done
  tail -n 20 "$out/head.log" >&2
  return 1
}
stop_head() {
  [[ -n $head ]] || return 0
  kill -TERM "$head" 2>/dev/null || true
  wait "$head" 2>/dev/null || true
  head=
}
gpuparser=(node bin/gpuparser.js export -t lineitem --overwrite)
over_ray() { "${gpuparser[@]}" --cluster ray --ray-address "$address" --verbose "$@"; }
seconds() {
  local started=$EPOCHREALTIME
  "$@" >/dev/null 2>&1
  awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f\n", b - a }'
}
median() { sort -n | sed -n 2p; }

gpus=$({ nvidia-smi --query-gpu=index --format=csv,noheader 2>/dev/null || true; } | wc -l)
say "gpus=$gpus" "ray=$(ray --version)" "node=$(node --version)" "rows=$rows"
node --input-type=module -e '
import pg from "pg";
import { lineitemSql } from "./dist/bench/lineitem.js";
const client = new pg.Client();
await client.connect();
for (const statement of lineitemSql(Number(process.argv[1]))) await client.query(statement);
await client.query("VACUUM (FREEZE, ANALYZE) lineitem");
await client.end();' "$rows"

# The script starts a Ray of its own each time.
device=cpu
((gpus == 0)) || device=cuda
watched "${gpuparser[@]}" -g 1 --device "$device" -o "$out/local"
expected=$(content "$out/local")
fact "rows of the local export on one ${device/cuda/GPU}" "${expected%% rows*}" "$rows"

script() { examples/run_ray_multi_gpu.sh -t lineitem -r "$rows" "$@"; }
watched script -o "$out/ray"
fact 'the guide’s script: content' "$(content "$out/ray")" "$expected"
fact 'the guide’s script: CUDA_VISIBLE_DEVICES of its workers' "$(devices)" "$(seq -s' ' 0 $((gpus - 1)))"

chosen() {
  CUDA_VISIBLE_DEVICES=$1 watched script -o "$out/chosen" -g "$2"
  fact "CUDA_VISIBLE_DEVICES=$1, -g $2: content" "$(content "$out/chosen")" "$expected"
  fact "CUDA_VISIBLE_DEVICES=$1, -g $2: CUDA_VISIBLE_DEVICES of its workers" "$(devices)" "$3"
}
if ((gpus >= 2)); then
  chosen 1 1 1
  chosen 1,0 2 '0 1'
  uuid=$(nvidia-smi --query-gpu=uuid --format=csv,noheader | sed -n 2p)
  chosen "$uuid" 1 "$uuid"
  # One GPU more than is shown.
  message=$(CUDA_VISIBLE_DEVICES=1 script -o "$out/chosen" -g 2 2>&1 | grep -o '2 GPUs were asked for, .* has [0-9]*' | sed 's/the Ray cluster at [^ ]*/the cluster/' || true)
  fact 'CUDA_VISIBLE_DEVICES=1, -g 2' "$message" '2 GPUs were asked for, but the cluster has 1'
else
  left_out 'CUDA_VISIBLE_DEVICES by index and by UUID, which needs two GPUs'
fi
if ((gpus >= 3)); then chosen 0,2 2 '0 2'; else left_out 'CUDA_VISIBLE_DEVICES=0,2, which needs three GPUs'; fi

# From here on one head, warm.
start_head
count=2
((gpus == 1)) && count=1

# A worker is killed once the first of 24 chunks is done, in the middle of another; few connections, so that each takes a while.
killed() {
  over_ray --device "$device" --ray-workers "$count" --chunks 24 --jobs "$count" -o "$out/killed" &
  local running=$! pid
  until [[ -n $(newest_chunk "$out/killed") ]] || ! kill -0 "$running" 2>/dev/null; do sleep 0.02; done
  until pid=$(for pid in $(workers); do ! ls -l "/proc/$pid/fd" 2>/dev/null | grep -q lineitem_chunk_ || echo "$pid"; done | head -n 1) && [[ -n $pid ]]; do
    kill -0 "$running" || break
  done
  kill -KILL "$pid"
  wait "$running"
}
watched killed || true
fact 'a worker killed by SIGKILL: content' "$(content "$out/killed")" "$expected"
fact 'a worker killed by SIGKILL: chunks tried again' "$(grep -c '^retry 2 of chunk .*was killed by SIGKILL' "$log")" 1
fact 'a worker killed by SIGKILL: files' "$(find "$out/killed" -name '*.parquet' | wc -l)" 24

# What Ray costs beside a local run of few rows.
few=(-r 1000 -g 1 --device "$device" -o "$out/few")
over_ray "${few[@]}" >/dev/null 2>&1
say 'measured=1000 rows, wall seconds, median of 3' "local=$(for _ in 1 2 3; do seconds "${gpuparser[@]}" "${few[@]}"; done | median)" \
  "over a warm Ray=$(for _ in 1 2 3; do seconds over_ray "${few[@]}"; done | median)"
stop_head

# Ray installs cuDF where a node has a GPU and no cuDF: from a wheel made here of the one that is hidden.
if ((gpus > 0)); then
  mkdir "$out/wheels"
  node --input-type=module -e '
import { CUDF_VERSION, findCudf } from "./dist/src/engine/cudf.js";
const { libraries, version } = findCudf();
console.log([version ?? `${CUDF_VERSION}.0`, ...libraries.filter((file) => file.startsWith("/"))].join("\n"));' |
    xargs python3 test/gpu/cudf_wheel.py "$out/wheels"
  hidden=$(tr ':' '\n' <<<"${LD_LIBRARY_PATH:-}" | while read -r folder; do [[ -z $folder || -e $folder/libcudf.so ]] || echo "$folder"; done | paste -sd:)
  LD_LIBRARY_PATH=$hidden VIRTUAL_ENV='' CONDA_PREFIX='' PIP_NO_INDEX=1 PIP_FIND_LINKS=$out/wheels start_head
  watched over_ray --device cuda -g 1 -o "$out/installed" || true
  fact 'cuDF installed by Ray: content' "$(content "$out/installed")" "$expected"
  fact 'cuDF installed by Ray: said once' "$(grep -c 'Ray installs libcudf-cu13' "$log")" 1
  stop_head
else
  left_out 'cuDF installed by Ray, which needs a GPU'
fi
exit "$failed"
