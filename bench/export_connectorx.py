"""A peer: ConnectorX reads four partitions into Arrow, pyarrow writes the file.

export_connectorx.py DSN TABLE FILE CODEC
"""
import sys

import connectorx
import pyarrow.parquet

dsn, table, file, codec = sys.argv[1:]
rows = connectorx.read_sql(dsn, f"SELECT * FROM {table}", return_type="arrow", partition_on="l_orderkey", partition_num=4)
pyarrow.parquet.write_table(rows, file, compression=codec)
