#!/usr/bin/env bash
# Exports rows of a PostgreSQL table to Parquet, one chunk file per GPU.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: examples/run_ray_multi_gpu.sh -t TABLE [options] [options of gpuparser export]

  -t, --table TABLE        PostgreSQL table to export (required)
  -r, --rows ROWS          rows to export in all (10000)
  -g, --gpus GPUS          GPUs to use (all there are)
  -o, --output DIR         output folder (./ray_output); files of an earlier run of this table are replaced
  -d, --db DATABASE        database (postgres)
  -u, --user USER          user (postgres)
  -p, --password PASSWORD  password (postgres); better in PGPASSWORD or ~/.pgpass, where process lists do not show it
  -h, --host HOST          host (localhost)
  -P, --port PORT          port (5432)
      --help               this text

Every other option goes to "gpuparser export" as it is: --device cpu, --where "id > 5", --compression zstd and so on.
Without a GPU the rows are decoded on this machine's cores, and Ray is not started; -g N is then an error, unless --device cpu
asks for N workers on cores.

The connection's defaults apply only where no option, PG* variable, service or password file gives a value.
EOF
}

fail() {
  printf 'run_ray_multi_gpu.sh: %s\n' "$1" >&2
  exit 2
}

table='' rows=10000 gpus='' output=./ray_output device=${GPUPARSER_DEVICE:-auto} more=()
while (($# > 0)); do
  case $1 in
    --help) usage && exit 0 ;;
    --table=* | --rows=* | --gpus=* | --output=* | --db=* | --user=* | --password=* | --host=* | --port=* | --device=*)
      set -- "${1%%=*}" "${1#*=}" "${@:2}"
      ;;
    -[trgoduphP]?*) set -- "${1:0:2}" "${1:2}" "${@:2}" ;; # -tcustomer
  esac
  case $1 in
    -t | --table | -r | --rows | -g | --gpus | -o | --output | -d | --db | -u | --user | -p | --password | -h | --host | -P | --port | --device)
      (($# > 1)) || fail "$1 needs a value; --help shows the options."
      ;;
    *)
      more+=("$1")
      shift
      continue
      ;;
  esac
  case $1 in
    -t | --table) table=$2 ;;
    -r | --rows) rows=$2 ;;
    -g | --gpus) gpus=$2 ;;
    -o | --output) output=$2 ;;
    -d | --db) export PGDATABASE=$2 ;;
    -u | --user) export PGUSER=$2 ;;
    -p | --password) export PGPASSWORD=$2 ;;
    -h | --host) export PGHOST=$2 ;;
    -P | --port) export PGPORT=$2 ;;
    --device) device=$2 more+=(--device "$2") ;;
  esac
  shift 2
done
[[ -n $table ]] || fail 'which table? Give it with -t; --help shows the options.'

# Whether the password file has a line for this connection: host:port:database:user:password, "*" for any.
# https://www.postgresql.org/docs/current/libpq-pgpass.html
passfile_answers() {
  local file=${PGPASSFILE:-${HOME:-}/.pgpass} line fields i wanted=("$PGHOST" "${PGPORT:-5432}" "$PGDATABASE" "$PGUSER")
  [[ -r $file ]] || return 1
  while IFS= read -r line || [[ -n $line ]]; do
    [[ -n $line && $line != '#'* ]] || continue
    line=${line//'\\'/$'\x02'}
    line=${line//'\:'/$'\x01'}
    IFS=: read -r -a fields <<<"$line"
    for i in 0 1 2 3; do
      fields[i]=${fields[i]:-}
      fields[i]=${fields[i]//$'\x01'/:}
      [[ ${fields[i]//$'\x02'/'\'} == "${wanted[i]}" || ${fields[i]} == '*' ]] || continue 2
    done
    return 0
  done <"$file"
  return 1
}

if [[ -z ${PGSERVICE:-} ]]; then
  export PGHOST=${PGHOST:-localhost} PGDATABASE=${PGDATABASE:-postgres} PGUSER=${PGUSER:-postgres}
  # In the environment, never in arguments: process lists show those.
  [[ -n ${PGPASSWORD+given} ]] || passfile_answers || export PGPASSWORD=postgres
fi

say() {
  printf 'run_ray_multi_gpu.sh: %s\n' "$1" >&2
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=("$root/bin/gpuparser.js" export -t "$table" -r "$rows" ${gpus:+-g "$gpus"} -o "$output" --overwrite "${more[@]}")

# Whether a Ray dashboard answers, be it that it wants a token.
ray_answers() {
  node -e 'require("node:http").get(process.argv[1] + "/api/version", { timeout: 2000 }, (r) => {
    let text = ""; r.on("data", (part) => (text += part)).on("end", () => process.exit(r.statusCode === 401 || text.includes("ray_version") ? 0 : 1));
  }).on("timeout", () => process.exit(1)).on("error", () => process.exit(1))' "$1"
}

# Why the program would use no GPU of this machine; nothing where it would.
no_gpu() {
  node --input-type=module -e 'const { visibleGpus } = await import(process.argv[1]); console.log(visibleGpus().reason ?? "")' "$root/dist/src/engine/gpus.js"
}

free_ports() {
  node -e 'const net = require("node:net"), servers = Array.from({ length: +process.argv[1] }, () => net.createServer().listen(0, "127.0.0.1"));
    setTimeout(() => { console.log(servers.map((s) => s.address().port).join(" ")); process.exit(); }, 50)' "$1"
}

# Starts a head of our own: out of reach of the terminal's Ctrl-C, so that the job can still be stopped, and ended with this script, however it ends.
start_head() {
  local dashboard gcs agent client
  read -r dashboard gcs agent client < <(free_ports 4)
  head_folder=$(mktemp -d /tmp/gpuparser-ray-XXXXXX)
  RAY_USAGE_STATS_ENABLED=0 python3 -c 'import ctypes, os, signal, sys
os.setsid()
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
os.execvp("ray", sys.argv[1:])' ray start --head --block --disable-usage-stats --port="$gcs" --dashboard-host=127.0.0.1 --dashboard-port="$dashboard" \
    --dashboard-agent-listen-port="$agent" --ray-client-server-port="$client" --min-worker-port=0 --max-worker-port=0 --temp-dir="$head_folder" \
    >"$head_folder/start.log" 2>&1 </dev/null &
  head=$!
  head_address=http://127.0.0.1:$dashboard
  local tries
  for ((tries = 0; tries < 120; tries++)); do
    ray_answers "$head_address" && return 0
    kill -0 "$head" 2>/dev/null || break
    sleep 0.25
  done
  tail -n 5 "$head_folder/start.log" >&2
  return 1
}

stop_head() {
  kill -TERM "$head" 2>/dev/null || true
  wait "$head" 2>/dev/null || true
  rm -rf "$head_folder"
}

if [[ -n ${RAY_ADDRESS:-}${RAY_API_SERVER_ADDRESS:-} ]]; then
  exec node "${program[@]}" --cluster ray
fi
# A cluster that runs already cannot be told to use other GPUs.
if [[ -z ${CUDA_VISIBLE_DEVICES:-} ]] && ray_answers http://127.0.0.1:8265; then
  say 'using the Ray cluster that runs on this machine.'
  exec node "${program[@]}" --cluster ray --ray-address http://127.0.0.1:8265
fi
# Before a Ray is started that could only say so.
if [[ $device != cpu ]] && reason=$(no_gpu) && [[ -n $reason ]]; then
  say "$reason: running on this machine with the local launcher."
  exec node "${program[@]}"
fi
if ! command -v ray >/dev/null; then
  say 'Ray is not installed (pip install "ray[default]"): running on this machine with the local launcher.'
  exec node "${program[@]}"
fi
say 'starting Ray on this machine for this run.'
head='' head_folder=''
trap stop_head EXIT
if ! start_head; then
  say 'Ray did not start: running with the local launcher.'
  node "${program[@]}"
  exit
fi
node "${program[@]}" --cluster ray --ray-address "$head_address" &
export_process=$!
# Ctrl-C reaches the export by itself; here it must only not end the script before the export has cleaned up.
trap ':' INT
trap 'kill -TERM "$export_process" 2>/dev/null' TERM
code=0
wait "$export_process" || code=$?
while kill -0 "$export_process" 2>/dev/null; do
  code=0
  wait "$export_process" || code=$?
done
exit "$code"
