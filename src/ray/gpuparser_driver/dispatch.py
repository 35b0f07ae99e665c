"""Hands chunks to lanes one by one, tries again what failed, and tells the client of it."""

import time
from collections import deque

import ray

from .lines import say
from .placing import WAITING_S

# Work begins when every lane has passed its checks, or this long after the first did: lanes may be waiting for busy nodes.
CHECK_S = 2.0
# The log stays small however long the export runs: at most 128 lanes a second, and ever slower.
PROGRESS_S, PROGRESS_LANES_PER_S, PROGRESS_SLOWDOWN, PROGRESS_MAX_S = 0.5, 128, 1 / 3600, 1.0
TURN_S = 0.5


class Place:
    """What the driver knows of one lane."""

    def __init__(self, index):
        self.index = index
        self.launches = 0
        self.actor = self.call = self.job = None
        self.state = "gone"  # gone, placing, checking, idle, busy
        self.node = None
        self.progress = self.reported = None
        self.probe = None
        self.error = None
        self.pip = []


class Driver:
    def __init__(self, spec, placing):
        self.spec = spec
        # What is tried again and which error is told in the end: the client's src/run/retry-policy.ts.
        self.policy = spec["retry"]
        self.placing = placing
        self.queue = deque((chunk, 1, None) for chunk in spec["chunks"])
        # Why each chunk failed first, and what may have ended the snapshot: later errors are often only the consequence.
        self.causes, self.snapshot_end = {}, None
        self.unfinished = len(spec["chunks"])
        self.failed = 0
        self.pip = list(placing.pip)
        self.places = [Place(index) for index in range(spec["lanes"])]
        self.started = self.waited = self.placed = self.told = time.monotonic()
        self.first_ready = None
        self.open = False
        self.refused = []
        self.fatal = None
        # One copy in the object store for all lanes; the secret stays out of it and goes in each call's own arguments.
        self.boot = ray.put(spec["boot"])
        for place in self.places:
            self.launch(place)
        placing.drop_rest()

    def launch(self, place):
        place.launches += 1
        place.pip = list(self.pip)
        early = self.placing.take() if place.pip == self.placing.pip else None
        place.actor = early or self.placing.place(place.pip)
        before, between, after = self.spec["probe"]
        place.probe = f"{before}{place.index}{between}{place.launches}{after}"
        connections = self.spec["connections"]
        share = max(1, connections // len(self.places) + (place.index < connections % len(self.places)))
        secret = {**self.spec["secret"], "connections": share}
        place.call = place.actor.boot.options(num_returns="streaming").remote(self.boot, place.probe, secret)
        place.state, place.node = "placing", None

    def work(self):
        while self.unfinished > 0 and self.fatal is None:
            calls = {place.call: place for place in self.places if place.call is not None}
            if calls:
                ready, _ = ray.wait(list(calls), num_returns=1, timeout=self.turn())
                if ready and len(calls) > 1:
                    ready, _ = ray.wait(list(calls), num_returns=len(calls), timeout=0)
                for call in ready:
                    self.hear(calls[call])
            elif all(place.state == "gone" for place in self.places):
                self.give_up()
            else:
                time.sleep(0.05)
            self.tick()
        return self.fatal is None and self.failed == 0

    def hear(self, place):
        try:
            events = ray.get(next(place.call))
        except StopIteration:
            place.call = None
            return
        except ray.exceptions.RayError as error:
            self.lost(place, error)
            return
        for event in events:
            getattr(self, "on_" + event["type"])(place, event)

    def on_placed(self, place, event):
        self.placed = time.monotonic()
        place.state = "checking" if place.job is None else "busy"
        place.node = event["node"]
        say("lane", lane=place.index, node=event["node"], nodeId=event["nodeId"], devices=event["devices"], pid=event["pid"])

    def on_node(self, place, event):
        say("node", lane=place.index, path=event["path"], version=event["version"])

    def on_ready(self, place, event):
        say("ready", lane=place.index, event=event, probe=place.probe)
        place.probe = None
        if place.job is None:
            place.state = "idle"
            self.first_ready = self.first_ready or time.monotonic()

    def on_progress(self, place, event):
        progress = [place.index, event["chunk"], event["rows"], event["bytes"]]
        if progress != place.reported:
            place.progress = progress

    def on_done(self, place, event):
        say("done", lane=place.index, event=event)
        self.idle(place)
        place.launches = 1
        self.unfinished -= 1

    def on_failed(self, place, event):
        error = event["error"]
        if error["code"] == "INTERRUPTED":
            self.fatal = error
            say("fatal", error=error, nodes=[place.node])
        elif place.job is None:
            self.unfit(place, error)
        else:
            self.again(place, error)
            self.idle(place)

    def idle(self, place):
        place.job = place.progress = None
        place.state = "idle"

    def unfit(self, place, error):
        """A lane that did not pass its checks, or whose worker died before it was ready."""
        self.discard(place)
        place.error = error
        wheel = self.remedy(error)
        if wheel is not None and wheel not in place.pip:
            if wheel not in self.pip:
                say("notice", text=f"{error['message']} Ray installs {wheel} there from PyPI.")
                self.pip.append(wheel)
            return self.launch(place)
        error["code"] = "DEVICE" if error["code"] == "NODE" else error["code"]
        if error["retry"] and place.launches < self.policy["launches"]:
            return self.launch(place)
        if self.open and any(other.state in ("idle", "busy") for other in self.places):
            say("notice", text=f"Working without node {place.node}: {error['message']}")
        else:
            self.refused.append((place.node, error))

    def remedy(self, error):
        """The Python package whose absence on a node an error may be about."""
        if error["code"] == "NODE" and self.spec["boot"]["node"] == "auto":
            return self.spec["nodeWheel"]
        if error.get("reason") == "cudf" and self.spec["resources"].get("gpus"):
            return self.spec["cudfWheel"]
        return None

    def lost(self, place, error):
        """The actor or its node has died."""
        failure = loss(place.node, place.pip, error)
        say("lost", lane=place.index, error=failure)
        if place.job is not None:
            self.again(place, failure)
        place.job = place.progress = None
        self.discard(place)
        place.error = failure
        if place.launches < self.policy["launches"]:
            self.launch(place)

    def discard(self, place):
        if place.actor is not None:
            ray.kill(place.actor)
        place.actor = place.call = None
        place.state = "gone"

    def again(self, place, error):
        chunk, attempt = place.job
        if self.ends_snapshot(error):
            self.snapshot_end = self.snapshot_end or error
        first = self.causes.get(chunk["index"]) or (self.snapshot_end if error["code"] == "SNAPSHOT" else None)
        self.causes[chunk["index"]] = first if first and error["code"] in self.policy["consequences"] else error
        if error["retry"] and attempt <= self.policy["retries"]:
            say("retry", chunk=chunk["index"], attempt=attempt + 1, error=error)
            self.queue.append((chunk, attempt + 1, place.index))
        else:
            self.fail(chunk, error)

    def fail(self, chunk, error):
        say("failed", chunk=chunk["index"], error=self.causes.get(chunk["index"], error))
        self.unfinished -= 1
        self.failed += 1

    def give_up(self):
        error = next(place.error for place in self.places if place.error)
        if self.refused:
            return self.refuse()
        while self.queue:
            self.fail(self.queue.popleft()[0], error)

    def refuse(self):
        self.fatal = self.refused[0][1]
        say("fatal", error=self.fatal, nodes=sorted({node for node, _ in self.refused}))

    def tick(self):
        now = time.monotonic()
        checking = any(place.state in ("placing", "checking") for place in self.places)
        if not self.open and (not checking or (self.first_ready is not None and now - self.first_ready > CHECK_S)):
            self.open = True
        if self.refused and self.fatal is None and (not checking or now - self.placed > CHECK_S):
            return self.refuse()
        if self.open and not self.refused:
            self.feed()
        self.report(now)
        self.wait(now)

    def feed(self):
        others = sum(place.state != "gone" for place in self.places) > 1
        for place in self.places:
            # A call that has told its last event still has to end.
            if not self.queue or place.state != "idle" or place.call is not None:
                continue
            at = next((i for i, (_, _, avoid) in enumerate(self.queue) if not others or avoid != place.index), None)
            if at is None:
                continue
            chunk, attempt, _ = self.queue[at]
            del self.queue[at]
            place.job, place.state = (chunk, attempt), "busy"
            place.call = place.actor.run.options(num_returns="streaming").remote(chunk, attempt)

    def next_report(self):
        slower = (time.monotonic() - self.started) * PROGRESS_SLOWDOWN
        return self.told + max(PROGRESS_S, len(self.places) / PROGRESS_LANES_PER_S, min(PROGRESS_MAX_S, slower))

    def turn(self):
        """How long nothing else needs to be done than to listen, in seconds."""
        if all(place.progress is None for place in self.places):
            return TURN_S
        return min(TURN_S, max(0.01, self.next_report() - time.monotonic()))

    def report(self, now):
        if now < self.next_report():
            return
        moved = [place.progress for place in self.places if place.progress is not None]
        for place in self.places:
            place.reported, place.progress = place.progress or place.reported, None
        if moved:
            self.told = now
            say("progress", lanes=moved)

    def wait(self, now):
        placing = sum(place.state == "placing" for place in self.places)
        if placing < len(self.places):
            self.waited = now
        elif now - self.waited > WAITING_S:
            self.waited = now
            self.placing.say_waiting(placing)
        if placing == len(self.places) and self.placing.too_long(now - self.placed):
            self.fatal = self.placing.nothing_placed(now - self.placed)
            say("fatal", error=self.fatal, nodes=[])

    def ends_snapshot(self, error):
        ends, state = self.policy["endsSnapshot"], error.get("sqlState")
        matches = state in ends["sqlStates"] or any((state or "").startswith(start) for start in ends["classes"])
        return error["code"] == ends["code"] and matches

    def stop(self):
        """Ends the workers politely, so that their connections close as they should."""
        idle = [place.actor for place in self.places if place.state == "idle"]
        ray.wait([actor.stop.remote() for actor in idle], num_returns=len(idle), timeout=3) if idle else None


def loss(node, pip, error):
    """What became of a lane that Ray reports as lost, for people."""
    name = type(error).__name__
    text, hint = f"The lane on node {node or '?'} was lost ({name}).", "The node or its Ray worker has died; see Ray's dashboard."
    if name == "RuntimeEnvSetupError" and pip:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        # pip names the cause behind all else it says.
        cause = next((line for line in reversed(lines) if line.startswith("ERROR: ")), lines[-1])
        text = f"Ray could not install {' '.join(pip)} on a node: {cause.removeprefix('ERROR: ')[:300].rstrip('.')}."
        hint = "Install it for the Python that runs Ray on the nodes, or let them reach a package index."
    return {"code": "WORKER", "message": text, "hint": hint, "retry": True}
