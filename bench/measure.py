"""Runs one command and prints, as JSON, its wall seconds and what its whole process tree used.

measure.py [--memory] COMMAND...

user and system seconds are those of every descendant, also of ones whose parent ended first: this process adopts them.
--memory samples the tree's proportional set size (PSS) every 50 ms, which costs time: measure time in another run.
"""
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time

PR_SET_CHILD_SUBREAPER = 36
LIMIT_SECONDS = 600


def descendants(pid: int) -> list[int]:
    found, queue = [], [pid]
    while queue:
        parent = queue.pop()
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{task}/children") as file:
                    queue += [int(child) for child in file.read().split()]
        except OSError:
            continue  # it has just ended
        found.append(parent)
    return found


def pss(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except (OSError, ProcessLookupError):
        return 0


def watch(done: threading.Event, peak: list[int]) -> None:
    me = os.getpid()
    while not done.wait(0.05):
        peak[0] = max(peak[0], sum(pss(pid) for pid in descendants(me) if pid != me))


memory = sys.argv[1] == "--memory"
command = sys.argv[2 if memory else 1 :]
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
done, peak = threading.Event(), [0]
if memory:
    threading.Thread(target=watch, args=(done, peak), daemon=True).start()
start = time.monotonic()
child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
try:
    _, errors = child.communicate(timeout=LIMIT_SECONDS)
except subprocess.TimeoutExpired:
    for pid in descendants(os.getpid()):
        if pid != os.getpid():
            os.kill(pid, signal.SIGKILL)
    errors = f"It had not ended after {LIMIT_SECONDS} s."
wall = time.monotonic() - start
done.set()
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "status": child.poll(), "errors": errors[-4000:], "wallSeconds": wall,
    "userSeconds": usage.ru_utime, "systemSeconds": usage.ru_stime, "peakBytes": peak[0] or None,
}))
