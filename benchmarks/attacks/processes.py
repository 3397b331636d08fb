"""A run that is killed, stopped or hung up on at any moment, and a Prefect server that dies under it."""

from __future__ import annotations

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
from urllib.request import urlopen

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
STARTS_WITHIN_S = 180


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
            with Simulator(SimulatorOptions(scale="tiny")) as looker, _folder(scratch) as where:
                env = looker_at(looker.base_url)
                right = _undisturbed(commands, where / "right", env)
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


def _undisturbed(commands: Commands, where: Path, env: dict[str, str]) -> set[str]:
    where.mkdir()
    commands.run("extract", cwd=where, env=env)
    return _held(commands, where, env)


def _held(commands: Commands, where: Path, env: dict[str, str]) -> set[str]:
    commands.run("export", "out", cwd=where, env=env)
    return set(exported(where / "out")) if (where / "out").exists() else set()


def _finished(score: Score, commands: Commands, where: Path, env: dict[str, str], right: set[str]) -> None:
    again = commands.run("extract", "--resume", cwd=where, env=env)
    if again.code == 2:  # it was complete, or there is no session yet
        again = commands.run("extract", cwd=where, env=env)
    again.judge(score, (0,), f"{score.attack}, resumed")
    commands.run("verify", cwd=where, env=env).judge(score, (0,), f"{score.attack}, verify")
    held = _held(commands, where, env)
    score.check("lost", not right - held, f"{sorted(right - held)[:3]}")
    score.check("doubled", not held - right, f"{sorted(held - right)[:3]}")


@contextmanager
def _folder(scratch: Path) -> Generator[Path]:
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
    right, asks = _undisturbed_restore(commands, scratch)
    for name in names:
        number, codes = SIGNALS[name]
        score = Score(f"{name} of restore")
        for _ in range(tries):
            score.tried += 1
            with Simulator(SimulatorOptions(scale="tiny")) as looker, _folder(scratch) as where:
                env = looker_at(looker.base_url)
                words = _wrecked(commands, looker, where, env)
                process = started(*words, cwd=where, env=env)
                done = _disturbed(process, looker, chance.randint(2, asks), number)
                done.judge(score, (0, *codes), f"{score.attack} at request {looker.calls.total}")
                _resumed(score, commands, where, env, words)
                _compare(score, right, looker)
        yield score


def _wrecked(commands: Commands, looker: Simulator, where: Path, env: dict[str, str]) -> tuple[str, ...]:
    """Back up, delete the dashboard with the most tiles for good, and return the command that brings it back."""
    commands.run("extract", cwd=where, env=env)
    living = [row["id"] for row in looker.world["dashboards"] if not row["deleted"]]
    one = max(living, key=lambda dashboard: len(looker.world.parts("dashboard_elements", dashboard)))
    mutate(looker.world, "delete", "dashboards", one)
    looker.calls.reset()
    return "restore", "single", "dashboard", one, "--yes"


def _undisturbed_restore(commands: Commands, scratch: Path) -> tuple[Any, int]:
    with Simulator(SimulatorOptions(scale="tiny")) as looker, _folder(scratch) as where:
        env = looker_at(looker.base_url)
        done = commands.run(*_wrecked(commands, looker, where, env), cwd=where, env=env)
        assert done.code == 0, done
        return looker.oracle(), looker.calls.total


def _resumed(score: Score, commands: Commands, where: Path, env: dict[str, str], words: tuple[str, ...]) -> None:
    again = commands.run("restore", "resume", "--yes", cwd=where, env=env)
    if again.code == 2:  # it was done, or nothing was written yet
        again = commands.run(*words, cwd=where, env=env)
    again.judge(score, (0,), f"{score.attack}, resumed")


def _compare(score: Score, right: Any, looker: Simulator) -> None:
    differs = oracle.differences(right, looker.oracle())
    score.check("lost", not differs, f"{str(differs)[:400]}")
    titles = [row["title"] for row in looker.world["dashboards"] if not row["deleted"]]
    score.check("doubled", len(titles) == len(set(titles)), f"{sorted(titles)}")


# A Prefect server that dies -------------------------------------------------------------------------------------------


@contextmanager
def _server(home: Path, port: int) -> Generator[subprocess.Popen[bytes]]:
    """Start a Prefect server of its own; it is gone at the end of the block."""
    env = environment(PREFECT_HOME=str(home), PREFECT_SERVER_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1")
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


def servers_that_die(commands: Commands, scratch: Path) -> Iterator[Score]:
    """The Prefect server is killed while a run goes on: the run ends or finishes, and the same command again finishes."""
    for name in ("extract", "restore"):
        score = Score(f"the Prefect server killed during {name}")
        score.tried += 1
        with Simulator(SimulatorOptions(scale="tiny")) as looker, _folder(scratch) as where:
            home = where / "prefect"
            home.mkdir()
            env = looker_at(looker.base_url)
            wrecked = _wrecked(commands, looker, where, env) if name == "restore" else ()
            words = ("restore", "bulk", "dashboards", "--yes") if wrecked else ("extract",)
            _dies(score, looker, where, home, env, words)
            if wrecked:
                done = commands.run("restore", "single", "dashboard", wrecked[3], "--dry-run", cwd=where, env=env)
                score.check("lost", done.code == 0, f"{done}")
                titles = [row["title"] for row in looker.world["dashboards"] if not row["deleted"]]
                score.check("doubled", len(titles) == len(set(titles)), f"{sorted(titles)}")
            else:
                right = _undisturbed(commands, where / "right", env)
                held = _held(commands, where, env)
                score.check("lost", right == held, f"{sorted(right ^ held)[:3]}")
        yield score


def _dies(
    score: Score, looker: Simulator, where: Path, home: Path, env: dict[str, str], words: tuple[str, ...]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = env | {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api", "PREFECT_HOME": str(home)}
    with _server(home, port) as server:
        held = (
            looker.faults.add("hold", after=20) if words[0] == "extract" else looker.faults.add("hold", method="write")
        )
        process = _lookervault(words, where, env)
        while not held.fired and process.poll() is None:
            time.sleep(0.01)
        server.kill()
        server.wait()
        looker.faults.clear()
        done = ended(process)
    score.notes.append(f"~ {score.attack}: {done.code} {done.err[-500:]}")
    done.judge(score, (0, 1), score.attack)
    with _server(home, port):
        again = ended(_lookervault(_going_on(words), where, env))
        if again.code == 2:
            again = ended(_lookervault(words, where, env))
    again.judge(score, (0,), f"{score.attack}, with a server again")


def _going_on(words: tuple[str, ...]) -> tuple[str, ...]:
    return ("restore", "resume", "--yes") if words[0] == "restore" else ("extract", "--resume")


def _lookervault(words: tuple[str, ...], where: Path, env: dict[str, str]) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).with_name("lookervault")), *words]
    return subprocess.Popen(command, cwd=where, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def attacks(commands: Commands, scratch: Path, *, tries: int, with_server: bool) -> Iterator[Score]:
    """Make all of them."""
    yield from extractions(commands, scratch, tries)
    yield from restores(commands, scratch, tries)
    if with_server:
        yield from servers_that_die(commands, scratch)
