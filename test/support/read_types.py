"""Prints what a reader makes of each column of a Parquet file, read alone, so that one it cannot read does not hide the others.

usage: read_types.py pyarrow|pandas|pandas-pyarrow|polars|fastparquet|arrow-rs|cudf FILE [COLUMN]
One JSON object: {"version": ..., "columns": {NAME: {"type": the reader's own name, "values": [texts as in readers.ts]} or {"error": ...}}}
"""

import functools
import importlib.metadata
import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
from normal_form import arrow_texts, python_text, struct_text, timestamp_text


def pandas_texts(series):
    """A missing value is NULL: pandas tells neither NaN nor NaT from it, but in columns of objects."""
    kind = str(series.dtype)
    if kind.startswith("datetime64"):
        unit = series.dt.unit
        stamps = series.astype("int64")
        utc = "UTC" in kind
        return [None if gone else timestamp_text(int(v), unit, utc) for v, gone in zip(stamps, series.isna())]
    if kind in ("object", "bool"):
        return [python_text(v) for v in series.array]
    return [None if gone else python_text(v) for v, gone in zip(series.array, series.isna())]


def read_pyarrow(path):
    def read(name):
        column = pq.read_table(path, columns=[name]).column(0)
        return str(column.type), arrow_texts(pa, column)

    return pa.__version__, read


def read_pandas(path):
    import pandas as pd

    def read(name):
        series = pd.read_parquet(path, columns=[name])[name]
        return pandas_type(series), pandas_texts(series)

    return pd.__version__, read


def read_pandas_arrow(path):
    import pandas as pd

    def read(name):
        series = pd.read_parquet(path, columns=[name], dtype_backend="pyarrow")[name]
        return str(series.dtype), arrow_texts(pa, series.array.__arrow_array__())

    return pd.__version__, read


def pandas_type(series):
    """`object` says nothing: the values' own type follows it."""
    kind = str(series.dtype)
    if kind != "object":
        return kind
    inner = sorted({type(v).__name__ for v in series.array if v is not None and type(v).__name__ not in ("NAType", "float")})
    return f"object ({', '.join(inner)})"


def read_polars(path):
    import polars as pl

    def read(name):
        frame = pl.read_parquet(path, columns=[name])
        return str(frame.schema[name]), arrow_texts(pa, frame.to_arrow().column(0))

    return pl.__version__, read


def read_fastparquet(path):
    import fastparquet

    file = fastparquet.ParquetFile(path)

    def read(name):
        members = [column for column in file.columns if column.startswith(name + ".")]
        if not members:
            series = file.to_pandas(columns=[name])[name]
            return pandas_type(series), pandas_texts(series)
        # A struct comes as a column per member. A NULL struct has NULL in all of them.
        frame = file.to_pandas(columns=members)
        rows = zip(*(pandas_texts(frame[member]) for member in members))
        texts = [None if all(v is None for v in row) else struct_text([m.split(".", 1)[1] for m in members], row) for row in rows]
        return " + ".join(pandas_type(frame[member]) for member in members), texts

    return fastparquet.__version__, read


def read_arrow_rs(path):
    import datafusion

    frame = datafusion.SessionContext().read_parquet(path)

    def read(name):
        column = frame.select('"' + name.replace('"', '""') + '"').to_arrow_table().column(0)
        return str(column.type), arrow_texts(pa, column)

    return f"DataFusion {datafusion.__version__}", read


def read_cudf(path):
    """cuDF's own layer over libcudf, pylibcudf: it needs neither pandas nor numba, and reads as cudf.read_parquet does."""
    import pylibcudf as plc

    def metadata(name, children):
        return plc.interop.ColumnMetadata(name=name, children_meta=[metadata(*child) for child in children.items()])

    def read(name):
        options = plc.io.parquet.ParquetReaderOptions.builder(plc.io.SourceInfo([path])).build()
        options.set_column_names([name])
        table = plc.io.parquet.read_parquet(options)
        column = table.tbl.columns()[0]
        array = pa.array(column.to_arrow(metadata(name, table.child_names.get(name, {}))))
        return cudf_type(plc, column), arrow_texts(pa, pa.chunked_array([bytes_unless_text(array)]))

    return importlib.metadata.version("pylibcudf-cu13"), read


def bytes_unless_text(array):
    """cuDF has no type for bytes: they come as strings, which need not be UTF-8."""
    try:
        array.validate(full=True)
        return array
    except pa.ArrowInvalid:
        return array.cast(pa.list_(pa.binary()) if pa.types.is_list(array.type) else pa.binary())


def cudf_type(plc, column):
    kind = column.type()
    name = kind.id().name
    if name == "LIST":
        return f"LIST<{cudf_type(plc, column.children()[1])}>"
    if name == "STRUCT":
        return f"STRUCT<{', '.join(cudf_type(plc, child) for child in column.children())}>"
    return f"{name}({-kind.scale()})" if name.startswith("DECIMAL") else name


readers = {
    "pyarrow": read_pyarrow,
    "pandas": read_pandas,
    "pandas-pyarrow": read_pandas_arrow,
    "polars": read_polars,
    "fastparquet": read_fastparquet,
    "arrow-rs": read_arrow_rs,
    "cudf": read_cudf,
}


def observe(read, name):
    try:
        kind, values = read(name)
        return {"type": kind, "values": values}
    except Exception as error:  # whatever a reader raises is what it makes of the column
        return {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}


def apart(name):
    """A process per column: a kernel that fails takes the GPU away from all that its process does later."""
    run = subprocess.run([sys.executable, __file__, reader, path, name], capture_output=True, text=True)
    if run.returncode != 0:
        return {"error": f"the process ended with {run.returncode}"}
    return json.loads(run.stdout)["columns"][name]


reader, path, *wanted = sys.argv[1:]
version, read = readers[reader](path)
names = wanted or pq.read_schema(path).names
look = apart if reader == "cudf" and not wanted else functools.partial(observe, read)
print(json.dumps({"version": version, "columns": {name: look(name) for name in names}}))
