import os

FOLDER = os.environ["SIMULATED_STORE"]


def _internal_kv_list(prefix):
    return [name.encode() for name in ("gcs://" + n for n in os.listdir(FOLDER)) if name.startswith(prefix.decode())]


def _path(key):
    return os.path.join(FOLDER, key.decode()[len("gcs://") :])


def _internal_kv_get(key):
    with open(_path(key), "rb") as file:
        return file.read()


def _internal_kv_del(key):
    os.remove(_path(key))
