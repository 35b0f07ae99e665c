"""Values as text in the normal form of readers.ts; floats as the hex of their bits, which JavaScript then writes."""

import datetime
import decimal
import struct
import uuid

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def civil(days):
    # Days since 1970 to PostgreSQL's ISO date; datetime ends at the years 1 and 9999.
    z = days + 719468
    era, doe = divmod(z, 146097)
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    day = doy - (153 * mp + 2) // 5 + 1
    month = mp + 3 if mp < 10 else mp - 9
    year = yoe + era * 400 + (month <= 2)
    return f"{year if year > 0 else 1 - year:04}-{month:02}-{day:02}", year <= 0


def time_text(value, unit):
    seconds, fraction = divmod(value, PER_SECOND[unit])
    digits = len(str(PER_SECOND[unit])) - 1
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" + (f".{fraction:0{digits}}" if digits else "")


def date_text(days):
    text, bc = civil(days)
    return text + (" BC" if bc else "")


def timestamp_text(value, unit, utc):
    days, time = divmod(value, 86400 * PER_SECOND[unit])
    text, bc = civil(days)
    return f"{text} {time_text(time, unit)}" + ("+00" if utc else "") + (" BC" if bc else "")


def float_text(value):
    # As JavaScript writes numbers, so that all readers agree.
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return {"f": struct.pack(">d", value).hex()}


def struct_text(names, texts):
    if names == ["months", "days", "microseconds"]:
        return "{} mons {} days {} us".format(*texts)
    return dict(zip(names, texts))


def converter(pa, kind):
    t = pa.types
    if t.is_boolean(kind):
        return lambda v: "true" if v else "false"
    if t.is_integer(kind):
        return str
    if t.is_floating(kind):
        return float_text
    if t.is_decimal(kind):
        return lambda v: format(v, "f")
    if t.is_date32(kind):
        return lambda v: date_text(v)
    if t.is_time(kind):
        return lambda v: time_text(v, kind.unit)
    if t.is_duration(kind):
        return lambda v: time_text(v, kind.unit)
    if t.is_timestamp(kind):
        return lambda v: timestamp_text(v, kind.unit, kind.tz is not None)
    if t.is_string(kind) or t.is_large_string(kind) or (hasattr(t, "is_string_view") and t.is_string_view(kind)):
        return lambda v: v
    if t.is_binary(kind) or t.is_large_binary(kind) or t.is_binary_view(kind):
        return lambda v: "\\x" + v.hex()
    if t.is_fixed_size_binary(kind):
        return lambda v: "\\x" + v.hex()
    if isinstance(kind, pa.BaseExtensionType):
        if kind.extension_name == "arrow.uuid":
            return lambda v: str(v if isinstance(v, uuid.UUID) else uuid.UUID(bytes=v))
        return converter(pa, kind.storage_type)
    if t.is_struct(kind):
        inner = [(f.name, converter(pa, f.type)) for f in kind]
        names = [name for name, _ in inner]
        return lambda v: struct_text(names, [None if v[name] is None else f(v[name]) for name, f in inner])
    if t.is_map(kind):
        key, item = converter(pa, kind.key_type), converter(pa, kind.item_type)
        return lambda v: {key(k): None if i is None else item(i) for k, i in v}
    if t.is_list(kind) or t.is_large_list(kind):
        item = converter(pa, kind.value_type)
        return lambda v: [None if i is None else item(i) for i in v]
    raise SystemExit(f"no normal form for {kind}")


def integer_type(pa, kind):
    t = pa.types
    if t.is_date32(kind) or t.is_time32(kind):
        return pa.int32()
    if t.is_timestamp(kind) or t.is_time64(kind) or t.is_duration(kind):
        return pa.int64()
    if t.is_struct(kind):
        return pa.struct([pa.field(f.name, integer_type(pa, f.type)) for f in kind])
    if t.is_list(kind):
        return pa.list_(pa.field(kind.value_field.name, integer_type(pa, kind.value_type)))
    if t.is_large_list(kind):
        return pa.large_list(pa.field(kind.value_field.name, integer_type(pa, kind.value_type)))
    return kind


def integers(pa, column):
    # Python's date and time types cannot hold all values: read their integers.
    kind = integer_type(pa, column.type)
    return column if kind == column.type else column.cast(kind)


def arrow_texts(pa, column):
    convert = converter(pa, column.type)
    return [None if v is None else convert(v) for v in integers(pa, column).to_pylist()]


def python_text(value):
    """The normal form of a Python value, for readers whose columns are objects."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "tolist") and not isinstance(value, (bytes, str)):  # numpy's scalars and arrays
        value = value.tolist()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        zone = "" if value.tzinfo is None else "+00"
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f") + zone if zone else value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M:%S.%f")
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dict):
        return struct_text([str(name) for name in value], [python_text(inner) for inner in value.values()])
    if isinstance(value, (list, tuple)):
        return [python_text(inner) for inner in value]
    raise TypeError(f"no normal form for {type(value)}")
