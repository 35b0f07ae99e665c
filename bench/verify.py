"""Whether two Parquet data sets hold the same rows: count and an order-free checksum of every column's text, read by DuckDB.

verify.py OURS_GLOB THEIRS_GLOB      exit code 1 and the differing columns when they differ

DuckDB drops the padding of char(n) when it reads PostgreSQL, so trailing blanks do not count. Lists and structs count by their
text, and their types must be the same: a list that became text would differ.
"""
import sys

import duckdb


def checksums(files: str) -> dict[str, str]:
    source = f"read_parquet('{files}')"
    described = duckdb.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
    columns = [row[0] for row in described]
    sums = ", ".join(f"""sum(hash(rtrim("{name}"::VARCHAR))::HUGEINT)""" for name in columns)
    # Every row's columns together, too: values must not have changed places.
    row = " || '|' || ".join(f"""coalesce(rtrim("{name}"::VARCHAR), chr(1))""" for name in columns)
    values = duckdb.sql(f"SELECT count(*), sum(hash({row})::HUGEINT), {sums} FROM {source}").fetchone()
    types = {f"type of {name}": kind for name, kind, *_ in described if "[" in kind or kind.startswith(("STRUCT", "MAP"))}
    return {**types, **dict(zip(["count", "rows", *columns], map(str, values)))}


ours, theirs = map(checksums, sys.argv[1:])
differing = [name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)]
print(f"{ours['count']} rows" if not differing else f"different: {', '.join(sorted(differing))}")
sys.exit(1 if differing else 0)
