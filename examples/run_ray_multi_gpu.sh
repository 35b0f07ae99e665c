#!/usr/bin/env bash
# Exports rows of a PostgreSQL table to Parquet, one chunk file per GPU.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: examples/run_ray_multi_gpu.sh -t TABLE [options]

  -t, --table TABLE        PostgreSQL table to export (required)
  -r, --rows ROWS          rows to export in all (10000)
  -g, --gpus GPUS          GPUs to use (all there are)
  -o, --output DIR         output folder (./ray_output); files of an earlier run of this table are replaced
  -d, --db DATABASE        database (postgres)
  -u, --user USER          user (postgres)
  -p, --password PASSWORD  password (postgres); better in PGPASSWORD or ~/.pgpass, where process lists do not show it
  -h, --host HOST          host (localhost)
      --help               this text

The connection's defaults apply only where no option, PG* variable, service or password file gives a value.
EOF
}

fail() {
  printf 'run_ray_multi_gpu.sh: %s\n' "$1" >&2
  exit 2
}

table='' rows=10000 gpus='' output=./ray_output
while (($# > 0)); do
  case $1 in
    --help) usage && exit 0 ;;
    --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
  esac
  case $1 in
    -t | --table | -r | --rows | -g | --gpus | -o | --output | -d | --db | -u | --user | -p | --password | -h | --host)
      (($# > 1)) || fail "$1 needs a value; --help shows the options."
      ;;
    *) fail "unknown option $1; --help shows the options." ;;
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

echo 'run_ray_multi_gpu.sh: running on this machine with the local launcher; spreading over a Ray cluster is not in this version.' >&2
exec node "$(dirname "${BASH_SOURCE[0]}")/../bin/gpuparser.js" export -t "$table" -r "$rows" ${gpus:+-g "$gpus"} -o "$output" --overwrite
