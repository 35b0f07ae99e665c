"""Makes a wheel of the cuDF that is on this machine, for a Ray that has no package index to install it from.

usage: cudf_wheel.py FOLDER VERSION FILE...     The wheel goes to FOLDER.
"""

import glob
import os
import sys
import zipfile

# Where the real wheels have them; what comes from the CUDA toolkit stays where it is.
PLACES = {
    "librapids_logger.so": "rapids_logger/lib64",
    "librmm.so": "librmm/lib64",
    "libkvikio.so": "libkvikio/lib64",
    "libnvcomp.so.5": "nvidia/libnvcomp/lib64",
    "libcudf.so": "libcudf/lib64",
}

folder, version, *files = sys.argv[1:]
name = f"libcudf_cu13-{version}"
texts = {
    "libcudf/__init__.py": "",
    "libcudf/VERSION": version,
    f"{name}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: libcudf-cu13\nVersion: {version}\n",
    f"{name}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: gpuparser\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
}
places = {}
for file in files:
    base = os.path.basename(file)
    if base in PLACES:
        places[f"{PLACES[base]}/{base}"] = file
    # KvikIO brings a libzstd of its own.
    for own in glob.glob(f"{os.path.dirname(file)}/libzstd-*") if base == "libkvikio.so" else []:
        places[f"libkvikio_cu13.libs/{os.path.basename(own)}"] = own
record = f"{name}.dist-info/RECORD"
# Not compressed: it is read once, on this machine.
with zipfile.ZipFile(f"{folder}/{name}-py3-none-any.whl", "w") as wheel:
    for place, text in texts.items():
        wheel.writestr(place, text)
    for place, file in places.items():
        wheel.write(os.path.realpath(file), place)
    wheel.writestr(record, "".join(f"{place},,\n" for place in [*texts, *places, record]))
