import os

FOLDER = os.environ["SIMULATED_STORE"]


def _path(key):
    return os.path.join(FOLDER, key.decode()[len("gcs://") :])


def _internal_kv_get(key):
    if not os.path.exists(_path(key)):
        return None
    with open(_path(key), "rb") as file:
        return file.read()


def _internal_kv_del(key):
    os.remove(_path(key))
