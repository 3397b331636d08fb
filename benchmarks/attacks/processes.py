"""A run that is killed, stopped or hung up on at any moment, and a Prefect server that dies under it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from benchmarks.attacks.commands import Commands, Done, ended, environment, looker_at, started
from benchmarks.attacks.scores import Score
from benchmarks.attacks.vaults import exported
from looker_simulator import Simulator, SimulatorOptions, mutate, oracle

SIGNALS = {
    "kill -9": (signal.SIGKILL, (-9,)),
    "TERM": (signal.SIGTERM, (130,)),
    "INT": (signal.SIGINT, (130,)),
    "HUP": (signal.SIGHUP, (130,)),
    "STOP, the token expired, CONT": (signal.SIGSTOP, (0,)),
}
STARTS_WITHIN_S = 600
RECORDED_WITHIN_S = 30
# What a server can do without makes half of its start.
SERVER = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


def extractions(
    commands: Commands, scratch: Path, tries: int, seed: int = 4, names: tuple[str, ...] = tuple(SIGNALS)
) -> Iterator[Score]:
    """Whatever ends an extraction, `--resume` finishes it, and the vault has what an undisturbed one has."""
    chance = random.Random(seed)
    for name in names:
        number, codes = SIGNALS[name]
        score = Score(f"{name} of extract")
        for _ in range(tries):
            score.tried += 1
            with Simulator(SimulatorOptions(scale="tiny")) as looker, folder(scratch) as where:
                env = looker_at(looker.base_url)
                right = undisturbed(commands, where / "right", env)
                looker.calls.reset()
                process = started("extract", cwd=where, env=env)
                done = _disturbed(process, looker, chance.randint(3, 100), number)
                done.judge(score, (0, *codes), f"{score.attack} at request {looker.calls.total}")
                _finished(score, commands, where, env, right)
        yield score


def _disturbed(process: subprocess.Popen[str], looker: Simulator, requests: int, number: int) -> Done:
    """Send the signal once so many requests have been made; a stopped process goes on with a token that has expired."""
    while looker.calls.total < requests and process.poll() is None:
        time.sleep(0.001)
    if process.poll() is None:
        os.kill(process.pid, number)
        if number == signal.SIGSTOP:
            looker.revoke_tokens()
            os.kill(process.pid, signal.SIGCONT)
    return ended(process)


def undisturbed(commands: Commands, where: Path, env: dict[str, str]) -> set[str]:
    where.mkdir()
    commands.run("extract", cwd=where, env=env)
    return held_by(commands, where, env)


def held_by(commands: Commands, where: Path, env: dict[str, str]) -> set[str]:
    commands.run("export", "out", cwd=where, env=env)
    return set(exported(where / "out")) if (where / "out").exists() else set()


def _finished(score: Score, commands: Commands, where: Path, env: dict[str, str], right: set[str]) -> None:
    again = commands.run("extract", "--resume", cwd=where, env=env)
    if again.code == 2:  # it was complete, or there is no session yet
        again = commands.run("extract", cwd=where, env=env)
    again.judge(score, (0,), f"{score.attack}, resumed")
    commands.run("verify", cwd=where, env=env).judge(score, (0,), f"{score.attack}, verify")
    held = held_by(commands, where, env)
    score.check("lost", not right - held, f"{sorted(right - held)[:3]}")
    score.check("doubled", not held - right, f"{sorted(held - right)[:3]}")


@contextmanager
def folder(scratch: Path) -> Generator[Path]:
    where = scratch / "process"
    where.mkdir()
    try:
        yield where
    finally:
        shutil.rmtree(where)


# Restores -------------------------------------------------------------------------------------------------------------


def restores(
    commands: Commands, scratch: Path, tries: int, seed: int = 5, names: tuple[str, ...] = tuple(SIGNALS)
) -> Iterator[Score]:
    """Whatever ends a restore, `restore resume` finishes it, and Looker is as after an undisturbed one."""
    chance = random.Random(seed)
    right, asks = undisturbed_restore(commands, scratch)
    for name in names:
        number, codes = SIGNALS[name]
        score = Score(f"{name} of restore")
        for _ in range(tries):
            score.tried += 1
            with Simulator(SimulatorOptions(scale="tiny")) as looker, folder(scratch) as where:
                env = looker_at(looker.base_url)
                words = wrecked(commands, looker, where, env)
                process = started(*words, cwd=where, env=env)
                done = _disturbed(process, looker, chance.randint(2, asks), number)
                done.judge(score, (0, *codes), f"{score.attack} at request {looker.calls.total}")
                _resumed(score, commands, where, env, words)
                compare(score, right, looker)
        yield score


def wrecked(commands: Commands, looker: Simulator, where: Path, env: dict[str, str]) -> tuple[str, ...]:
    """Back up, delete the dashboard with the most tiles for good, and return the command that brings it back."""
    commands.run("extract", cwd=where, env=env)
    living = [row["id"] for row in looker.world["dashboards"] if not row["deleted"]]
    one = max(living, key=lambda dashboard: len(looker.world.parts("dashboard_elements", dashboard)))
    mutate(looker.world, "delete", "dashboards", one)
    looker.calls.reset()
    return "restore", "single", "dashboard", one, "--yes"


def undisturbed_restore(commands: Commands, scratch: Path) -> tuple[Any, int]:
    with Simulator(SimulatorOptions(scale="tiny")) as looker, folder(scratch) as where:
        env = looker_at(looker.base_url)
        done = commands.run(*wrecked(commands, looker, where, env), cwd=where, env=env)
        assert done.code == 0, done
        return looker.oracle(), looker.calls.total


def _resumed(score: Score, commands: Commands, where: Path, env: dict[str, str], words: tuple[str, ...]) -> None:
    again = commands.run("restore", "resume", "--yes", cwd=where, env=env)
    if again.code == 2:  # it was done, or nothing was written yet
        again = commands.run(*words, cwd=where, env=env)
    again.judge(score, (0,), f"{score.attack}, resumed")


def compare(score: Score, right: Any, looker: Simulator) -> None:
    differs = oracle.differences(right, looker.oracle())
    score.check("lost", not differs, f"{str(differs)[:400]}")
    titles = [row["title"] for row in looker.world["dashboards"] if not row["deleted"]]
    score.check("doubled", len(titles) == len(set(titles)), f"{sorted(titles)}")


# A Prefect server that dies -------------------------------------------------------------------------------------------


def free_port() -> int:
    """Return a port of loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def prefect_server(home: Path, port: int) -> Generator[subprocess.Popen[bytes]]:
    """Start a Prefect server of its own; it is gone at the end of the block."""
    env = environment(PREFECT_HOME=str(home), **SERVER)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home.parent / "server.log").open("ab") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    try:
        _await(f"http://127.0.0.1:{port}/api/health")
        yield process
    finally:
        process.kill()
        process.wait()


def _await(url: str) -> None:
    give_up_s = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < give_up_s:
        try:
            with urlopen(url, timeout=10):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{url} never answered")


def server_that_dies(commands: Commands, scratch: Path, name: str, *, comes_back: bool) -> Score:
    """The Prefect server is killed while *name* runs, and may come back meanwhile: the run finishes, or the same command again."""
    score = Score(f"the Prefect server killed during {name}" + (", and back later" if comes_back else ""), tried=1)
    with Simulator(SimulatorOptions(scale="tiny")) as looker, folder(scratch) as where:
        env = looker_at(looker.base_url)
        wreckage = wrecked(commands, looker, where, env) if name == "restore" else ()
        words = ("restore", "bulk", "dashboards", "--yes") if wreckage else ("extract",)
        _dies(score, looker, where, env, words, comes_back=comes_back)
        if wreckage:
            done = commands.run("restore", "bulk", "dashboards", "--dry-run", "--json", cwd=where, env=env)
            left = [one for one in json.loads(done.out)["plan"] if one["action"] != "skip"]
            score.check("lost", done.code == 0 and not left, f"{left}")
            titles = [row["title"] for row in looker.world["dashboards"] if not row["deleted"]]
            score.check("doubled", len(titles) == len(set(titles)), f"{sorted(titles)}")
        else:
            right, held = undisturbed(commands, where / "right", env), held_by(commands, where, env)
            score.check("lost", right == held, f"{sorted(right ^ held)[:3]}")
    return score


def _dies(
    score: Score, looker: Simulator, where: Path, env: dict[str, str], words: tuple[str, ...], *, comes_back: bool
) -> None:
    home, port = where / "prefect", free_port()
    home.mkdir()
    env = env | {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api", "PREFECT_HOME": str(home)}
    holds = {"method": "write"} if words[0] == "restore" else {"after": 20}
    with prefect_server(home, port) as server:
        held = looker.faults.add("hold", **holds)
        process = lookervault(words, where, env)
        _until_held(held, process)
        server.kill()
        server.wait()
        looker.faults.clear()
    if comes_back:
        later = looker.faults.add("hold", **(holds | {"after": 20 if words[0] == "extract" else 3}))
        _until_held(later, process)  # meanwhile it goes on without a server
        with prefect_server(home, port):
            looker.faults.clear()
            done = ended(process)
            states = _until_recorded(port)
        score.check("lost", "Running" not in states, f"the run is over, and in the UI it is {states}")
    else:
        done = ended(process)
    score.notes.append(f"~ {score.attack}: {done.code} {done.err[-500:]}")
    done.judge(score, (0, 1), score.attack)
    if done.code:
        with prefect_server(home, port):
            again = ended(lookervault(_going_on(words), where, env))
        again.judge(score, (0,), f"{score.attack}, with a server again")


def _until_held(held: Any, process: subprocess.Popen[str]) -> None:
    while not held.fired and process.poll() is None:
        time.sleep(0.01)


def _until_recorded(port: int) -> list[str]:
    """Return the states of the flow runs, once none is running any more or waiting for that is of no use."""
    give_up_s = time.monotonic() + RECORDED_WITHIN_S
    request = Request(f"http://127.0.0.1:{port}/api/flow_runs/filter", b"{}", {"Content-Type": "application/json"})
    while True:
        with urlopen(request, timeout=60) as reply:
            states = [one["state_name"] for one in json.load(reply)]
        if "Running" not in states or time.monotonic() > give_up_s:
            return states
        time.sleep(0.5)


def _going_on(words: tuple[str, ...]) -> tuple[str, ...]:
    return ("restore", "resume", "--yes") if words[0] == "restore" else ("extract", "--resume")


def lookervault(words: tuple[str, ...], where: Path, env: dict[str, str]) -> subprocess.Popen[str]:
    """Start a command as a user does, with Prefect; `ended` collects it."""
    command = [str(Path(sys.executable).with_name("lookervault")), *words]
    return subprocess.Popen(command, cwd=where, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def servers_that_die(commands: Commands, scratch: Path) -> Iterator[Score]:
    """Kill the server of an extraction and of a restore, for good and for a while."""
    for comes_back in (False, True):
        yield server_that_dies(commands, scratch, "extract", comes_back=comes_back)
        yield server_that_dies(commands, scratch, "restore", comes_back=comes_back)


def attacks(commands: Commands, scratch: Path, *, tries: int) -> Iterator[Score]:
    """Make those that need no server."""
    yield from extractions(commands, scratch, tries)
    yield from restores(commands, scratch, tries)
