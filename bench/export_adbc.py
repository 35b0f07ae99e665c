"""A peer: ADBC's PostgreSQL driver streams Arrow batches, pyarrow writes the file.

export_adbc.py DSN TABLE FILE CODEC
"""
import sys

import adbc_driver_postgresql.dbapi
import pyarrow.parquet

dsn, table, file, codec = sys.argv[1:]
with adbc_driver_postgresql.dbapi.connect(dsn) as connection, connection.cursor() as cursor:
    cursor.execute(f"SELECT * FROM {table}")
    batches = cursor.fetch_record_batch()
    with pyarrow.parquet.ParquetWriter(file, batches.schema, compression=codec) as writer:
        for batch in batches:
            writer.write_batch(batch)
