#!/usr/bin/env bash
# The guide's script on real GPUs, which npm test has only as numbers: which devices its workers get, and whether their files hold what a local run's do.
# usage: test/gpu/ray.sh [ROWS]     Needs two GPUs, cuDF, the built CUDA engine, ray on the PATH, and a PostgreSQL that PGHOST, PGPORT and PGUSER name.
# With one GPU or none it runs what it can and says what it left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rows=${1:-2000000}
out=$(mktemp -d /tmp/gpuparser-gpu-ray-XXXXXX)
trap 'rm -rf "$out"' EXIT
unset RAY_ADDRESS RAY_API_SERVER_ADDRESS CUDA_VISIBLE_DEVICES
export PGDATABASE=${PGDATABASE:-postgres} PGUSER=${PGUSER:-postgres}
failed=0

check() {
  if [[ $2 == "$3" ]]; then printf 'ok      %s: %s\n' "$1" "$2"; else printf 'FAILED  %s: %s, not %s\n' "$1" "$2" "$3" && failed=1; fi
}

# What CUDA_VISIBLE_DEVICES was in the worker processes that lived while a command ran, in order, each once.
devices_during() {
  local seen=$1 pid
  shift
  "$@" &
  local command=$!
  : >"$seen"
  while kill -0 "$command" 2>/dev/null; do
    for pid in $(pgrep -f '^gpuparser worker' || true); do
      { tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^CUDA_VISIBLE_DEVICES=//p' >>"$seen"; } 2>/dev/null || true
    done
    sleep 0.2
  done
  wait "$command"
}
devices() { sort -u "$1" | paste -sd' '; }

# The same rows, whatever files and row groups they are in: their number and a sum over a hash of each.
content() {
  python3 - "$1" <<'PYTHON'
import glob, hashlib, sys
import pyarrow.parquet as parquet

total = count = 0
for name in sorted(glob.glob(sys.argv[1] + "/*.parquet")):
    for batch in parquet.ParquetFile(name).iter_batches(50_000):
        columns = [column.to_pylist() for column in batch.columns]
        for row in zip(*columns):
            total += int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=8).digest(), "little")
            count += 1
print(f"{count} rows, {total % 2**64:016x}")
PYTHON
}

gpus=$({ nvidia-smi --query-gpu=index --format=csv,noheader 2>/dev/null || true; } | wc -l)
echo "GPUs: $gpus; $(ray --version); node $(node --version)"
node --input-type=module -e '
import pg from "pg";
import { lineitemSql } from "./dist/bench/lineitem.js";
const client = new pg.Client({ host: process.env.PGHOST ?? "localhost" });
await client.connect();
for (const statement of lineitemSql(Number(process.argv[1]))) await client.query(statement);
await client.query("VACUUM (FREEZE, ANALYZE) lineitem");
await client.end();' "$rows"

script=(examples/run_ray_multi_gpu.sh -t lineitem -r "$rows" -o)
node bin/gpuparser.js export -t lineitem -r "$rows" -g 1 --device cpu -o "$out/local"
expected=$(content "$out/local")
check 'the local run' "${expected%% rows*}" "$rows"

devices_during "$out/all" "${script[@]}" "$out/ray"
check 'over Ray, as many GPUs as there are: the rows' "$(content "$out/ray")" "$expected"
check 'and the devices' "$(devices "$out/all")" "$(seq -s' ' 0 $((gpus - 1)))"

chosen() {
  CUDA_VISIBLE_DEVICES=$1 devices_during "$out/seen" "${script[@]}" "$out/chosen" -g "$2"
  check "CUDA_VISIBLE_DEVICES=$1 -g $2: the rows" "$(content "$out/chosen")" "$expected"
  check 'and the devices' "$(devices "$out/seen")" "$3"
}
if ((gpus >= 2)); then
  chosen 1 1 1
  chosen 0,1 2 '0 1'
else
  echo 'left out: CUDA_VISIBLE_DEVICES with two GPUs'
fi
if ((gpus >= 3)); then chosen 0,2 2 '0 2'; else echo 'left out: CUDA_VISIBLE_DEVICES=0,2, which needs three GPUs'; fi
exit "$failed"
