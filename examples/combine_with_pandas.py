#!/usr/bin/env python3
"""Combines the chunk files of a table into one Parquet file with pandas.

    combine_with_pandas.py [FILES] [OUTPUT]

FILES   a pattern (default ./ray_output/customer_chunk_*.parquet)
OUTPUT  the combined file (default ./combined/customer.parquet); not in the chunks' folder, whose readers would find each row twice

Needs pandas and pyarrow. Everything passes through memory; `gpuparser merge` joins files of any size without decoding them.
"""
import argparse
import glob
import os
import re
import sys

import pandas as pd

parser = argparse.ArgumentParser(description="Combine chunk files into one Parquet file with pandas.")
parser.add_argument("files", nargs="?", default="./ray_output/customer_chunk_*.parquet", help="pattern of the chunk files (%(default)s)")
parser.add_argument("output", nargs="?", default="./combined/customer.parquet", help="the combined file (%(default)s)")
arguments = parser.parse_args()


def natural(name: str) -> list[str | int]:
    """chunk_10 comes after chunk_9."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


files = sorted(glob.glob(arguments.files), key=natural)
if not files:
    sys.exit(f"No file matches {arguments.files}")

# The Arrow types keep decimals, dates and NULLs in integer columns as they are; pandas' own would not.
frames = [pd.read_parquet(file, dtype_backend="pyarrow") for file in files]
combined = pd.concat(frames, ignore_index=True)
os.makedirs(os.path.dirname(os.path.abspath(arguments.output)), exist_ok=True)
combined.to_parquet(arguments.output, index=False)
print(f"{len(combined)} rows of {len(files)} files in {arguments.output}")
