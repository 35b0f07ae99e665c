"""Compares two Parquet files: schemas, metadata, row counts, values bit by bit, and the bounds that statistics give.

usage: compare.py CPU_FILE GPU_FILE     Prints "same" or the first difference, and exits with 1 on a difference.
"""
import sys

import pyarrow as pa
import pyarrow.parquet as pq


def fail(message):
    print(message)
    sys.exit(1)


def bits(column):
    """Values whose equality is that of their bytes: NaN equals NaN, and -0.0 differs from 0.0."""
    if pa.types.is_struct(column.type):
        return column
    if pa.types.is_float32(column.type) or pa.types.is_float64(column.type):
        integer = pa.int32() if column.type.bit_width == 32 else pa.int64()
        return pa.chunked_array([chunk.view(integer) for chunk in column.chunks], integer)
    return column


a, b = (pq.ParquetFile(path) for path in sys.argv[1:3])
if str(a.schema) != str(b.schema).replace(sys.argv[2], sys.argv[1]):
    lines = zip(str(a.schema).split("\n")[1:], str(b.schema).split("\n")[1:])
    for left, right in lines:
        if left != right:
            fail(f"schemas differ: CPU {left!r}, GPU {right!r}")
if a.metadata.metadata != b.metadata.metadata:
    fail(f"key-value metadata differs: {a.metadata.metadata} and {b.metadata.metadata}")
if a.metadata.num_rows != b.metadata.num_rows:
    fail(f"rows differ: {a.metadata.num_rows} and {b.metadata.num_rows}")

left, right = a.read(), b.read()
for position, field in enumerate(left.schema):
    x, y = bits(left.column(position)), bits(right.column(position))
    if not x.equals(y):
        for row in range(len(x)):
            if x[row] != y[row] and not (x[row].as_py() is None and y[row].as_py() is None):
                fail(f"column {field.name!r}, row {row}: CPU {left.column(position)[row]!r}, GPU {right.column(position)[row]!r}")
        fail(f"column {field.name!r} differs")

if a.metadata.num_row_groups == b.metadata.num_row_groups:
    for group in range(a.metadata.num_row_groups):
        for i in range(a.metadata.num_columns):
            x, y = (f.metadata.row_group(group).column(i) for f in (a, b))
            if x.path_in_schema != y.path_in_schema:
                fail(f"paths differ: {x.path_in_schema} and {y.path_in_schema}")
            s, t = x.statistics, y.statistics
            if s is None or t is None:
                continue
            if s.has_null_count and t.has_null_count and s.null_count != t.null_count:
                fail(f"column {x.path_in_schema!r}: null counts {s.null_count} and {t.null_count}")
            if s.has_min_max and t.has_min_max and (s.min_raw, s.max_raw) != (t.min_raw, t.max_raw):
                fail(f"column {x.path_in_schema!r}: bounds CPU {(s.min_raw, s.max_raw)}, GPU {(t.min_raw, t.max_raw)}")
            if s.has_min_max and not t.has_min_max and x.physical_type not in ("FLOAT", "DOUBLE"):
                fail(f"column {x.path_in_schema!r}: the GPU's file has no bounds")
print("same")
