"""Prints, for each pattern of a folder's files, how many rows each reader finds: one line of JSON.

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
found = {"whole folder": {}}
found["whole folder"]["pyarrow"] = pyarrow.dataset.dataset(folder, format="parquet").count_rows()
found["whole folder"]["pandas"] = len(pandas.read_parquet(folder))
found["whole folder"]["polars"] = polars.scan_parquet(f"{folder}/*.parquet").collect().height
found["whole folder"]["duckdb"] = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [f"{folder}/*.parquet"]).fetchone()[0]
found["whole folder"]["spark"] = spark.read.parquet(folder).count()
for stem in stems:
    file = f"{folder}/{stem}_chunk_0.parquet"
    assert os.path.exists(file), file
    found[stem] = {
        "glob": sum(pyarrow.dataset.dataset(one, format="parquet").count_rows() for one in glob.glob(f"{folder}/{stem}_chunk_*.parquet")),
        "pyarrow": pyarrow.dataset.dataset(file, format="parquet").count_rows(),
        "pandas": len(pandas.read_parquet(file)),
        "polars": polars.scan_parquet(file).collect().height,
        "duckdb": duckdb.execute("SELECT count(*) FROM read_parquet(?)", [file]).fetchone()[0],
        "spark": spark.read.parquet(file).count(),
    }
print(json.dumps(found))
