"""The rows in a folder's Parquet files, whatever files and row groups they are in: their number and a digest of every value.

usage: content.py FOLDER KEY...     The columns KEY name a row, so that sorting by them gives the same order each time.
"""

import glob
import hashlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq

folder, *keys = sys.argv[1:]
# One file each, not the folder: a schema that differs between files must be an error.
table = pa.concat_tables([pq.ParquetFile(name).read() for name in sorted(glob.glob(f"{folder}/*.parquet"))])
table = table.replace_schema_metadata(None).sort_by([(key, "ascending") for key in keys]).combine_chunks()
sink = pa.BufferOutputStream()
with pa.ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table)
print(f"{table.num_rows} rows, {hashlib.blake2b(sink.getvalue(), digest_size=12).hexdigest()}")
