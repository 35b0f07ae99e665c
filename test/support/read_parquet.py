"""Prints a Parquet file as NDJSON: first {"columns": [...]}, then one array of texts per row, in the normal form of readers.ts.

usage: read_parquet.py pyarrow|polars|fastparquet FILE [FILTER_COLUMN LOW HIGH]
The filter (pyarrow only) keeps LOW <= column <= HIGH, integers, and prunes by statistics and page indexes.
"""

import json
import sys

from normal_form import arrow_texts


def main():
    reader, path, *filters = sys.argv[1:]
    import pyarrow as pa

    if reader == "pyarrow":
        import pyarrow.parquet as pq

        kept = [(filters[0], ">=", int(filters[1])), (filters[0], "<=", int(filters[2]))] if filters else None
        table = pq.read_table(path, filters=kept)
    elif reader == "polars":
        import polars as pl

        frame = pl.scan_parquet(path)
        if filters:
            frame = frame.filter((pl.col(filters[0]) >= int(filters[1])) & (pl.col(filters[0]) <= int(filters[2])))
        table = frame.collect().to_arrow()
    elif reader == "fastparquet":
        import fastparquet

        frame = fastparquet.ParquetFile(path).to_pandas()
        table = pa.Table.from_pandas(frame, preserve_index=False)
    else:
        raise SystemExit(f"no reader {reader}")
    columns = [arrow_texts(pa, column) for column in table.columns]
    out = sys.stdout
    out.write(json.dumps({"columns": table.column_names, "rows": table.num_rows}) + "\n")
    for row in zip(*columns):
        out.write(json.dumps(row) + "\n")


main()
