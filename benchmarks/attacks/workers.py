"""A Prefect server that dies under a worker's run, for a while or with the machine: what becomes of the run, and of the next."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from benchmarks.attacks.commands import ROOT, Commands, looker_at
from benchmarks.attacks.processes import (
    compare,
    folder,
    free_port,
    held_by,
    prefect_server,
    undisturbed,
    undisturbed_restore,
    wrecked,
)
from benchmarks.attacks.scores import Score
from looker_simulator import Simulator, SimulatorOptions

ENDS_WITHIN_S = 300
AWAY_S = 400  # a hold on a slot lasts 300 s, and Prefect's client goes on asking for one and a half minutes
DEPLOYMENTS = {"extract": "extract/nightly", "restore": "restore/on-demand"}
LOGGED = (
    "Crash detected",
    "Encountered exception",
)  # what the log of a worker has of a run that broke; tracebacks are its own too
AWAY = "the Prefect server does not answer"


class Place:
    """A machine with a Prefect server, the deployments of prefect.yaml and a worker, all of which can die and come again."""

    def __init__(self, where: Path, looker: Simulator) -> None:
        self.where, self.port = where, free_port()
        self.home = where / "prefect"
        self.home.mkdir()
        self.log = where / "worker.log"
        self.env = looker_at(looker.base_url) | {
            "PREFECT_API_URL": f"http://127.0.0.1:{self.port}/api",
            "PREFECT_HOME": str(self.home),
            "PREFECT_LOCAL_STORAGE_PATH": str(where / "results"),
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "LOOKERVAULT_ROOT": str(ROOT),
            "LOOKERVAULT_DB_PATH": str(where / "looker.db"),
        }

    def deploy(self) -> None:
        """Make the work pool and all deployments, as the README says."""
        self._prefect("work-pool", "create", "lookervault", "--type", "process")
        self._prefect("deploy", "--all", "--prefect-file", str(ROOT / "prefect.yaml"))

    def _prefect(self, *words: str) -> None:
        command = [sys.executable, "-m", "prefect", "--no-prompt", *words]
        subprocess.run(command, env=self.env, cwd=ROOT, check=True, capture_output=True)

    @contextmanager
    def worker(self) -> Generator[subprocess.Popen[bytes]]:
        """Start a worker; it and the runs that it started are gone at the end of the block."""
        command = [sys.executable, "-m", "prefect", "--no-prompt", "worker", "start", "--pool", "lookervault"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, env=self.env, cwd=self.where, stdout=log, stderr=log, process_group=0)
        try:
            yield process
        finally:
            for number in runs_of(process):
                os.kill(number, signal.SIGKILL)
            process.kill()
            process.wait()

    def start(self, name: str, **parameters: Any) -> str:
        """Start a run of the deployment of *name* and return its id."""
        deployment = self.ask(f"/deployments/name/{DEPLOYMENTS[name]}")
        asked = {"parameters": {"workers": 2} | parameters, "state": {"type": "SCHEDULED"}}
        return self.ask(f"/deployments/{deployment['id']}/create_flow_run", asked)["id"]

    def state(self, run_id: str) -> dict[str, Any]:
        return self.ask(f"/flow_runs/{run_id}")["state"]

    def ended(self, run_id: str) -> dict[str, Any]:
        """Return the state of a run once it has ended, or the last one if it does not."""
        gives_up_s = time.monotonic() + ENDS_WITHIN_S
        while True:
            state = self.state(run_id)
            if state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") or time.monotonic() > gives_up_s:
                return state
            time.sleep(0.2)

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        text = None if body is None else json.dumps(body).encode()
        with urlopen(
            Request(self.env["PREFECT_API_URL"] + path, text, {"Content-Type": "application/json"}), timeout=60
        ) as reply:
            return json.load(reply)


def runs_of(worker: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes of the runs that *worker* has started."""
    found = subprocess.run(["pgrep", "-P", str(worker.pid)], capture_output=True, text=True, check=False)
    return [int(number) for number in found.stdout.split()]


@contextmanager
def place(scratch: Path) -> Generator[tuple[Place, Simulator]]:
    """Yield a machine of its own and the Looker that it backs up."""
    with Simulator(SimulatorOptions(scale="tiny")) as looker, folder(scratch) as where:
        yield Place(where, looker), looker


def server_away(commands: Commands, scratch: Path, name: str, away_s: float) -> Score:
    """The server is killed while a worker runs *name*, and is back *away_s* later: the run has gone on, and is known as that."""
    what = "for a moment" if away_s < ENDS_WITHIN_S else f"for {away_s:.0f} s"
    score = Score(f"the Prefect server killed {what} during a worker's {name}", tried=1)
    right = _right(commands, scratch, name)
    with place(scratch) as (site, looker):
        asked = _prepared(commands, site, looker, name)
        with prefect_server(site.home, site.port) as server:
            site.deploy()
            with site.worker():
                run_id = _held_in(site, looker, name, asked)
                server.kill()
                server.wait()
                time.sleep(away_s)
                with prefect_server(site.home, site.port):
                    looker.faults.clear()
                    _judge(score, site, run_id, "Completed")
        _check(score, commands, site, looker, right, name)
    return score


def machine_dies(commands: Commands, scratch: Path, name: str) -> Score:
    """Server, worker and run are killed and started again: the next run goes on with it, and none looks as if it still ran."""
    score = Score(f"the machine of server and worker killed during {name}", tried=1)
    right = _right(commands, scratch, name)
    with place(scratch) as (site, looker):
        asked = _prepared(commands, site, looker, name)
        with prefect_server(site.home, site.port):
            site.deploy()
            with site.worker():
                killed = _held_in(site, looker, name, asked)
        looker.faults.clear()
        with prefect_server(site.home, site.port), site.worker():
            again = site.start(name, **asked)
            _judge(score, site, again, "Completed")
            _judge(score, site, killed, "Crashed")
        _check(score, commands, site, looker, right, name)
    return score


def _right(commands: Commands, scratch: Path, name: str) -> Any:
    """Return what an undisturbed run leaves: what the vault holds, or what Looker is like."""
    if name == "restore":
        return undisturbed_restore(commands, scratch)[0]
    with Simulator(SimulatorOptions(scale="tiny")) as looker, folder(scratch) as where:
        return undisturbed(commands, where / "right", looker_at(looker.base_url))


def _prepared(commands: Commands, site: Place, looker: Simulator, name: str) -> dict[str, Any]:
    """Return the parameters of the run; for a restore there is something to do."""
    if name == "extract":
        return {}
    *_, kind, item_id, _ = wrecked(commands, looker, site.where, site.env)
    return {"types": [kind], "item_id": item_id, "approve": "no"}


def _check(score: Score, commands: Commands, site: Place, looker: Simulator, right: Any, name: str) -> None:
    if name == "restore":
        compare(score, right, looker)
        return
    held = held_by(commands, site.where, site.env)
    score.check("lost", not right - held, f"{sorted(right - held)[:3]}")
    score.check("doubled", not held - right, f"{sorted(held - right)[:3]}")


def _held_in(site: Place, looker: Simulator, name: str, asked: dict[str, Any]) -> str:
    """Start the run, wait until it stands still in the middle of its work, and return its id."""
    held = looker.faults.add("hold", **({"method": "write", "after": 3} if name == "restore" else {"after": 40}))
    run_id = site.start(name, **asked)
    while not held.fired:
        time.sleep(0.05)
    return run_id


def _judge(score: Score, site: Place, run_id: str, name: str) -> None:
    state = site.ended(run_id)
    score.check("wrong exit code", state["name"] == name, f"{score.attack}: {state['name']} {state['message']}")
    log = site.log.read_text()
    said = [word for word in LOGGED if word in log] + [AWAY] * (log.count(AWAY) - 1)
    score.check("not one clear line", bool(state["message"]) and not said, f"{score.attack}: {state['message']} {said}")


def attacks(commands: Commands, scratch: Path) -> Iterator[Score]:
    """Kill the server for a moment and for long, and the whole machine, under an extraction and a restore."""
    for name in DEPLOYMENTS:
        yield server_away(commands, scratch, name, 1)
        yield server_away(commands, scratch, name, AWAY_S)
        yield machine_dies(commands, scratch, name)
