"""The peers of `npm run bench:sizes`: the rows of a Parquet file written anew by each, on one thread, from memory.

sizes.py FILE CODEC FOLDER      prints JSON: {name: {bytes, cpuSeconds}}

Spark-like is pyarrow with the settings of parquet-java in Spark 3: one row group of 128 MiB, data pages of 1 MiB and at most
20,000 rows, V1, dictionaries of at most 1 MiB. CPU seconds are of the writing alone.
"""
import json
import os
import sys
import time

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

source, codec, folder = sys.argv[1:]
table = pq.read_table(source)
# DuckDB knows neither Arrow's UUID nor its JSON type by name: all are plain text or bytes here, which writes the same bytes.
plain = pa.table({f.name: c.cast(f.type.storage_type) if isinstance(f.type, pa.BaseExtensionType) else c for f, c in zip(table.schema, table.columns)})
pa.set_cpu_count(1)
found = {}


def timed(name, write):
    path = os.path.join(folder, "peer.parquet")
    best = None
    for _ in range(3):
        start = time.process_time()
        write(path)
        seconds = time.process_time() - start
        best = seconds if best is None else min(best, seconds)
    found[name] = {"bytes": os.path.getsize(path), "cpuSeconds": round(best, 4)}
    os.remove(path)


timed("pyarrow", lambda path: pq.write_table(plain, path, compression=codec))
timed(
    "Spark-like",
    lambda path: pq.write_table(
        plain, path, compression=codec, row_group_size=len(plain), data_page_size=1 << 20, max_rows_per_page=20_000,
        data_page_version="1.0", dictionary_pagesize_limit=1 << 20, use_dictionary=True,
    ),
)
connection = duckdb.connect(config={"threads": 1})
connection.execute("CREATE TABLE t AS SELECT * FROM plain")
timed("DuckDB", lambda path: connection.execute(f"COPY t TO '{path}' (FORMAT parquet, COMPRESSION {codec})"))
print(json.dumps(found))
