"""Runs `lookervault` as processes: forked from one that has imported everything, so that hundreds of them cost little."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from benchmarks.attacks.scores import Score

ROOT = Path(__file__).parents[2]
ENDS_AFTER_S = 400
_OURS = ("LOOKERSDK_", "LOOKERVAULT_", "PREFECT_")


class Done(NamedTuple):
    """How a command ended; a signal is a negative code."""

    code: int
    out: str
    err: str

    def judge(self, score: Score, codes: Sequence[int], what: str) -> None:
        """Count it unless it ended with one of *codes* and, if with an error, in one line that says so."""
        score.check("wrong exit code", self.code in codes, f"{what}: {self.code} and not {codes}: {self.err[-300:]!r}")
        lines = [line for line in self.err.strip().splitlines() if not line.startswith("lookervault: ")]  # progress
        clear = "Traceback" not in self.err and (self.code in (0, 3, -9) or len(lines) == 1)
        score.check("not one clear line", clear, f"{what}: {self.err[-500:]!r}")


def environment(**ours: str) -> dict[str, str]:
    """Return this process's environment without settings of ours, and *ours*."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return known | ours


def looker_at(base_url: str, secret: str = "simulator-secret") -> dict[str, str]:
    """Return the environment of somebody who backs up the Looker at *base_url*, in a hurry."""
    return environment(
        LOOKERSDK_BASE_URL=base_url,
        LOOKERSDK_CLIENT_ID="simulator",
        LOOKERSDK_CLIENT_SECRET=secret,
        LOOKERVAULT_RATE_LIMIT_PER_SECOND="0",
        LOOKERVAULT_RATE_LIMIT_PER_MINUTE="0",
        LOOKERVAULT_TASK_RETRY_DELAY="0",
        LOOKERVAULT_MAX_ATTEMPTS="2",
        LOOKERVAULT_RETRY_DEADLINE="5",
        COLUMNS="200",
    )


class Commands:
    """Starts commands one after the other, each in a process of its own.

    `extract` here is the extraction without Prefect, so that what is counted is ours.
    """

    def __init__(self) -> None:
        self._starter = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.attacks.starter"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._starter.stdin
        self._starter.stdin.close()
        self._starter.wait()

    def run(
        self, *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, file_limit: int = 0, stdin: str = ""
    ) -> Done:
        """Run one command to its end; with *file_limit* no file may grow beyond so many bytes."""
        with tempfile.TemporaryDirectory() as scratch:
            out, err = Path(scratch, "out"), Path(scratch, "err")
            told = {"arguments": arguments, "cwd": str(cwd), "env": dict(env or environment()), "limit": file_limit}
            code = self._ask(told | {"out": str(out), "err": str(err), "after_s": ENDS_AFTER_S, "stdin": stdin})
            return Done(code, _text(out), _text(err))

    def _ask(self, told: dict[str, object]) -> int:
        assert self._starter.stdin
        assert self._starter.stdout
        self._starter.stdin.write(json.dumps(told) + "\n")
        self._starter.stdin.flush()
        return int(self._starter.stdout.readline())


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="replace")


def started(*arguments: str, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a command that is to be disturbed; `ended` collects it."""
    command = [sys.executable, "-m", "benchmarks.attacks.starter", *arguments]
    return subprocess.Popen(
        command,
        cwd=cwd,
        env={**env, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )


def ended(process: subprocess.Popen[str]) -> Done:
    """Wait for a process that was started, and end it by force if it hangs."""
    try:
        out, err = process.communicate(timeout=ENDS_AFTER_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGCONT)
        process.kill()
        out, err = process.communicate()
        err += "\nit hung and was killed"
    return Done(process.returncode, out, err)
