#!/usr/bin/env bash
# Every measurement of the CUDA engine on this machine, as bench/results keeps them. Needs a GPU, cuDF and `npm run bench:gpu -- --build`.
# usage: bench/gpu.sh [LIBRARY]
set -euo pipefail
cd "$(dirname "$0")/.."
bench=native/build-cuda/bench
library=${1:-$PWD/prebuilt/linux-x64/libgpuparser_cuda.so}
nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader
"$bench/cuda-kernels"
for codec in snappy zstd lz4 none; do "$bench/cuda-bench" "$library" --codec "$codec" --feeders 12 --batch 2000000 --seconds 4; done
"$bench/cuda-bench" "$library" --feeders 12 --batch 1000000 --seconds 4
