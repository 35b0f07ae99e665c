"""Has lanes placed on the cluster before there is a plan: nobody should hold a snapshot while Ray looks for room."""

import time

import ray

from .lane import Lane
from .lines import say

WAITING_S = 5.0
# Without --ray-wait a cluster that cannot place a single lane for this long is an error.
PLACEMENT_S = 60.0
# A node that first installs packages from PyPI takes longer.
INSTALLATION_S = 900.0
TURN_S = 0.5


class Placing:
    def __init__(self, told):
        self.resources = told["resources"]
        self.endless = told["wait"]
        self.pip = told["pip"]
        self.placement = told.get("placementS", PLACEMENT_S)
        self.started = time.monotonic()
        self.actors = [self.place(self.pip) for _ in range(told["lanes"])]

    def place(self, pip):
        """A lane's actor, wherever Ray finds room for it."""
        options = dict(num_cpus=self.resources.get("cpus", 0), num_gpus=self.resources.get("gpus", 0), max_restarts=0, max_task_retries=0)
        if pip:
            options["runtime_env"] = {"pip": list(pip)}
        return ray.remote(Lane).options(scheduling_strategy="SPREAD", **options).remote()

    def take(self):
        """One of the lanes that were placed early; None when all are taken."""
        return self.actors.pop(0) if self.actors else None

    def drop_rest(self):
        for actor in self.actors:
            ray.kill(actor)
        self.actors = []

    def wait_for_first(self):
        """Returns when a lane is there, or has failed: the driver meets its error. Else the error for the client."""
        calls = [actor.hello.remote() for actor in self.actors]
        told = placed = time.monotonic()
        while calls:
            ready, _ = ray.wait(calls, num_returns=1, timeout=TURN_S)
            if ready:
                return None
            now = time.monotonic()
            if now - told > WAITING_S:
                told = now
                self.say_waiting(len(calls))
            if self.too_long(now - placed):
                return self.nothing_placed(now - placed)
        return None

    def say_waiting(self, lanes):
        free = {name: amount for name, amount in ray.available_resources().items() if name in ("CPU", "GPU")}
        say("waiting", lanes=lanes, resources=self.resources, free=free, seconds=round(time.monotonic() - self.started))

    def too_long(self, seconds):
        return not self.endless and seconds > (INSTALLATION_S if self.pip else self.placement)

    def nothing_placed(self, seconds):
        return {
            "code": "DEVICE",
            "message": f"The Ray cluster placed no worker within {round(seconds)} s: {self.resources} per worker is not free.",
            "hint": "Wait for other jobs to end, ask for less with --ray-workers, or wait as long as it takes with --ray-wait.",
            "retry": False,
        }
