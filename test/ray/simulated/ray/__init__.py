"""As much of Ray as the driver uses, with lanes that are simulated: many of them cost nothing. Told by the variable SIMULATED."""

import heapq
import json
import os
import sys
import time

__version__ = "simulated"
SETTINGS = json.loads(os.environ["SIMULATED"])  # chunkMs, progressPerChunk
TIMES = {"server": 0, "decode": 0, "encode": 0, "write": 0}


class exceptions:
    class RayError(Exception):
        pass


class Call:
    """What a streaming method returns: batches of events, each due at a time."""

    def __init__(self, actor, batches):
        self.actor, self.batches, self.started = actor, list(batches), time.monotonic()

    def due(self):
        return self.started + (self.batches[0][0] if self.batches else 0)

    def __next__(self):
        if not self.batches:
            self.actor.busy = False
            raise StopIteration
        return self.batches.pop(0)[1]


class Method:
    def __init__(self, call):
        self.call = call

    def options(self, **_):
        return self

    def remote(self, *arguments):
        return self.call(*arguments)


class Actor:
    count = 0

    def __init__(self):
        self.index = Actor.count
        Actor.count += 1
        self.busy = False
        self.boot, self.run = Method(self.on_boot), Method(self.on_run)
        self.hello = self.stop = Method(lambda: self)

    def on_boot(self, boot, probe, secret):
        with open(os.path.join(boot["reach"]["place"], probe), "w") as file:
            file.write(boot["reach"]["run"])
        placed = {"type": "placed", "node": f"10.0.0.{self.index}", "nodeId": str(self.index), "devices": None, "pid": 1}
        ready = {"type": "ready", "device": "cpu", "pids": [self.index]}
        return Call(self, [(0.01, [placed]), (0.02, [ready])])

    def on_run(self, chunk, attempt):
        if self.busy:
            sys.exit("a second chunk was handed to a lane that has one")
        self.busy = True
        index, seconds, steps = chunk["index"], SETTINGS["chunkMs"] / 1000, SETTINGS["progressPerChunk"]
        batches = [(seconds * i / (steps + 1), [{"type": "progress", "chunk": index, "rows": i, "bytes": i}]) for i in range(1, steps + 1)]
        result = {"path": f"/out/{chunk['file']}", "rows": 10, "bytes": 100, "receivedBytes": 200, "seconds": 0.1, "times": TIMES, "notes": []}
        batches.append((seconds, [{"type": "done", "chunk": index, "attempt": attempt, "result": result}]))
        return Call(self, batches)


class Class:
    def options(self, **_):
        return self

    def remote(self):
        return Actor()


def remote(_):
    return Class()


def init(**_):
    pass


class get_runtime_context:
    def get_node_id(self):
        return "a"


def put(value):
    return value


def get(value):
    return value


def kill(_):
    pass


def available_resources():
    return {}


def wait(calls, num_returns=1, timeout=None):
    if calls and isinstance(calls[0], Actor):
        return calls, []
    end = time.monotonic() + (timeout or 0)
    while True:
        now = time.monotonic()
        ready = [call for call in calls if call.due() <= now]
        if len(ready) >= num_returns or now >= end:
            return ready[:num_returns], [call for call in calls if call not in ready[:num_returns]]
        time.sleep(max(0.0005, min(end, heapq.nsmallest(1, (call.due() for call in calls))[0]) - now))


class util:
    @staticmethod
    def get_node_ip_address():
        return "10.0.0.1"
