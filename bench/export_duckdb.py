"""The peer: one table to one Parquet file by DuckDB's postgres extension, all its defaults.

export_duckdb.py DSN TABLE FILE CODEC
"""
import pathlib
import sys

import duckdb
import duckdb_extension_postgres_scanner

dsn, table, file, codec = sys.argv[1:]
extension = next(pathlib.Path(duckdb_extension_postgres_scanner.__file__).parent.rglob("*.duckdb_extension"))
connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
connection.execute(f"LOAD '{extension}'")
connection.execute(f"ATTACH '{dsn}' AS source (TYPE postgres, READ_ONLY)")
connection.execute(f"COPY source.{table} TO '{file}' (FORMAT parquet, COMPRESSION {codec})")
