"""Writes Parquet files by other writers into a folder.

usage: write_samples.py FOLDER
types.parquet         every type of docs/types.md, by pyarrow
orders-{0,1,2}        one schema, 2,500 rows each in row groups of 1,000, id = 2500 * file + row, by pyarrow, with page indexes
pandas-{0,1}          by pandas, with its metadata; pandas-other: another pandas type for the same Parquet type
fast-{0,1}            by fastparquet
legacy.parquet        the schema of orders-*, data pages V2, no page indexes, gzip, by pyarrow
encrypted.parquet, encrypted-footer.parquet
"""

import decimal
import os
import sys
import uuid

import fastparquet
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

folder = sys.argv[1]


def path(name):
    return os.path.join(folder, name)


US = 10**6
DAY = 86400 * US

types = pa.table(
    {
        "bool": pa.array([True, False, None]),
        "int2": pa.array([-(2**15), 2**15 - 1, None], pa.int16()),
        "int4": pa.array([-(2**31), 2**31 - 1, None], pa.int32()),
        "int8": pa.array([-(2**63), 2**63 - 1, None], pa.int64()),
        "oid": pa.array([0, 2**32 - 1, None], pa.uint32()),
        "float4": pa.array([0.1, float("nan"), -0.0], pa.float32()),
        "float8": pa.array([1e21, float("-inf"), 1e-7], pa.float64()),
        "dec9": pa.array([decimal.Decimal("-0.50"), decimal.Decimal("9999999.99"), None], pa.decimal128(9, 2)),
        "dec38": pa.array([decimal.Decimal("-" + "9" * 38), decimal.Decimal(0), None], pa.decimal128(38, 0)),
        "text": pa.array(["", "größe 雪 \U0001f600 \"quoted\"\n", None]),
        "bytea": pa.array([b"", b"\x00\xff\\", None], pa.binary()),
        "uuid": pa.array([uuid.UUID(int=0).bytes, uuid.UUID(int=2**128 - 1).bytes, None], pa.binary(16)).cast(pa.uuid()),
        "date": pa.array([0, 2932896, -719163], pa.int32()).cast(pa.date32()),
        "timestamp": pa.array([0, -1, 253402300800 * US], pa.timestamp("us")),
        "timestamptz": pa.array([1706704496123456, -62167219200 * US, None], pa.timestamp("us", "UTC")),
        "time": pa.array([0, DAY - 1, None], pa.time64("us")),
        "interval": pa.array(
            [{"months": 14, "days": -3, "microseconds": 4 * US}, {"months": 0, "days": 0, "microseconds": -1}, None],
            pa.struct(
                [
                    pa.field("months", pa.int32(), nullable=False),
                    pa.field("days", pa.int32(), nullable=False),
                    pa.field("microseconds", pa.int64(), nullable=False),
                ]
            ),
        ),
        "list": pa.array([[1, None, 3], [], None], pa.list_(pa.int32())),
        "map": pa.array([[("a", "b"), ("c", None)], [], None], pa.map_(pa.string(), pa.string())),
    }
)
# Without the Arrow schema in the metadata, readers see what the Parquet schema alone says.
pq.write_table(types, path("types.parquet"), store_schema=False)


def orders(index):
    ids = range(2500 * index, 2500 * (index + 1))
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "name": pa.array([None if i % 7 == 0 else f"name {i % 50}" for i in ids]),
            "price": pa.array([decimal.Decimal(i).scaleb(-2) for i in ids], pa.decimal128(12, 2)),
            "at": pa.array([i * US for i in ids], pa.timestamp("us", "UTC")),
        }
    )


small = {"row_group_size": 1000, "data_page_size": 1024, "write_batch_size": 100}
for index in range(3):
    pq.write_table(orders(index), path(f"orders-{index}.parquet"), write_page_index=True, **small)
pq.write_table(orders(3), path("legacy.parquet"), data_page_version="2.0", compression="gzip", **small)

for index in range(2):
    frame = pd.DataFrame({"n": range(3 * index, 3 * index + 3), "t": [f"v{i}" for i in range(3)]})
    frame.to_parquet(path(f"pandas-{index}.parquet"), engine="pyarrow")
    fastparquet.write(path(f"fast-{index}.parquet"), frame, row_group_offsets=2)
pd.DataFrame({"n": pd.array([6, 7, None], "Int64"), "t": ["a", "b", "c"]}).to_parquet(path("pandas-other.parquet"), engine="pyarrow")


class LocalKeys(pe.KmsClient):
    def __init__(self, _config):
        super().__init__()

    def wrap_key(self, key_bytes, _identifier):
        return key_bytes.hex().encode()

    def unwrap_key(self, wrapped_key, _identifier):
        return bytes.fromhex(wrapped_key.decode())


factory = pe.CryptoFactory(LocalKeys)
for name, plaintext in (("encrypted", True), ("encrypted-footer", False)):
    config = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["id"]}, plaintext_footer=plaintext)
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
    pq.write_table(orders(0), path(f"{name}.parquet"), encryption_properties=properties)
