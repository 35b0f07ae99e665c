"""Compares two Parquet files: schemas, metadata, row counts, values bit by bit, and the bounds that statistics give.

usage: compare.py CPU_FILE GPU_FILE     Prints "same" or the first difference, and exits with 1 on a difference.
"""
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def fail(message):
    print(message)
    sys.exit(1)


def bits(values):
    """Values whose equality is that of their bytes: NaN equals NaN, and -0.0 differs from 0.0."""
    if pa.types.is_float32(values.type) or pa.types.is_float64(values.type):
        return values.view(pa.int32() if values.type.bit_width == 32 else pa.int64())
    return values


def first(differs):
    return differs.index(pa.scalar(True)).as_py()


def elements(array, values):
    """What the lists of an array hold, of all that lies in memory."""
    begin, end = (array.offsets[0].as_py(), array.offsets[-1].as_py()) if len(array) > 0 else (0, 0)
    return values[begin:end]


def same(name, x, y):
    """Compares two arrays level by level: which places are NULL, how long lists are, then what they hold."""
    if x.type != y.type or len(x) != len(y):
        fail(f"column {name}: {len(x)} of {x.type} and {len(y)} of {y.type}")
    if not x.is_null().equals(y.is_null()):
        at = first(pc.not_equal(x.is_null(), y.is_null()))
        fail(f"column {name}, place {at}: CPU {x[at]!r}, GPU {y[at]!r}")
    if pa.types.is_list(x.type) or pa.types.is_map(x.type):
        lengths = [pc.subtract(array.offsets[1:], array.offsets[:-1]) for array in (x, y)]
        if not lengths[0].equals(lengths[1]):
            at = first(pc.not_equal(*lengths))
            fail(f"column {name}, place {at}: CPU {x[at]!r}, GPU {y[at]!r}")
        for held in ("keys", "items") if pa.types.is_map(x.type) else ("values",):
            same(f"{name}.{held}", *(elements(array, getattr(array, held)) for array in (x, y)))
    elif pa.types.is_struct(x.type):
        for member, left, right in zip(x.type, x.flatten(), y.flatten()):
            same(f"{name}.{member.name}", left, right)
    elif not bits(x).equals(bits(y)):
        for at in range(len(x)):
            if x[at].is_valid and bits(x)[at] != bits(y)[at]:
                fail(f"column {name}, place {at}: CPU {x[at]!r}, GPU {y[at]!r}")
        fail(f"column {name} differs")


def whole(column):
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


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
    same(repr(field.name), whole(left.column(position)), whole(right.column(position)))

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
