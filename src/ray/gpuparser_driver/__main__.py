import json
import sys
import time
import zlib

from .lines import say
from .sealed import Receiver

# A plan may wait for locks and count rows.
SLOT_WAIT_S = 900


def main():
    # Said before Ray is imported: the client's answer arrives meanwhile.
    receiver = Receiver()
    say("key", public=receiver.public.hex())
    import ray

    from .dispatch import Driver
    from .placing import Placing

    ray.init(log_to_driver=False, logging_level="error")
    placing = Placing(json.loads(sys.argv[2]))
    error = placing.wait_for_first()
    if error is not None:
        say("fatal", error=error, nodes=[])
        return 1
    say("near")
    spec = take_slot(f"gcs://_ray_pkg_gpuparser_{sys.argv[1]}.zip", receiver)
    if spec is None:
        error = {"code": "WORKER", "message": f"The job's instructions did not arrive within {SLOT_WAIT_S} s.", "hint": None, "retry": False}
        say("fatal", error=error, nodes=[])
        return 1
    say("started", ray=ray.__version__, python=sys.version.split()[0], node=ray.get_runtime_context().get_node_id())
    driver = Driver(spec, placing)
    done = driver.work()
    say("end", failed=driver.failed, fatal=driver.fatal is not None)
    driver.stop()
    return 0 if done else 1


def take_slot(key, receiver):
    """What the client has put there for this process, deleted at once; None when it does not come."""
    from ray.experimental import internal_kv as kv

    deadline = time.monotonic() + SLOT_WAIT_S
    while time.monotonic() < deadline:
        value = kv._internal_kv_get(key.encode())
        if value:
            kv._internal_kv_del(key.encode())
            return json.loads(zlib.decompress(receiver.open(value)))
        time.sleep(0.02)
    return None


if __name__ == "__main__":
    sys.exit(main())
