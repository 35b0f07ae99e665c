"""Prints, for each pattern of a folder's files, which ids each reader finds, sorted: one line of JSON.

usage: read_folder.py FOLDER STEM...     One Spark session reads them all.
"""

import glob
import json
import os
import sys

import duckdb
import pandas
import polars
import pyarrow.dataset
from pyspark.sql import SparkSession

folder, *stems = sys.argv[1:]
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1").getOrCreate()


def ids(path, pattern, alone):
    """path: a file or a folder. pattern: its files, for readers that take no folder; a file's own name where it is read alone."""
    read = {
        "pyarrow": lambda: pyarrow.dataset.dataset(path, format="parquet").to_table()["id"].to_pylist(),
        "pandas": lambda: pandas.read_parquet(path)["id"].tolist(),
        "polars": lambda: polars.scan_parquet(pattern).collect()["id"].to_list(),
        "duckdb": lambda: [row[0] for row in duckdb.execute("SELECT id FROM read_parquet(?)", [pattern]).fetchall()],
        "spark": lambda: [row[0] for row in spark.read.parquet(path).collect()],
    }
    if alone:
        chunks = glob.glob(pattern.replace("_chunk_0.", "_chunk_*."))
        read["glob"] = lambda: [i for one in chunks for i in pyarrow.dataset.dataset(one, format="parquet").to_table()["id"].to_pylist()]
    return {reader: sorted(values()) for reader, values in read.items()}


found = {"whole folder": ids(folder, f"{folder}/*.parquet", alone=False)}
for stem in stems:
    file = f"{folder}/{stem}_chunk_0.parquet"
    assert os.path.exists(file), file
    found[stem] = ids(file, file, alone=True)
print(json.dumps(found))
