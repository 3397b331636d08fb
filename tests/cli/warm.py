"""Starts commands in a process that has imported the command line already, and forks for each: a process of its own like any
other, a second earlier. LOOKERVAULT_COLD_STARTS=1 starts each from nothing instead."""

from __future__ import annotations

import gc
import json
import os
import select
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

OURS = (
    "LOOKERSDK_",
    "LOOKERVAULT_",
    "PREFECT_",
    "AWS_",
)  # read when a command runs; all else may count when it is imported


class Starter:
    """Runs one command at a time."""

    def __init__(self, process: subprocess.Popen[str], environment: dict[str, str], directory: Path) -> None:
        self._process, self._environment, self._directory = process, environment, directory

    def knows(self, environment: Mapping[str, str]) -> bool:
        """Return whether a command in *environment* would have imported the same; one that goes to a Prefect server never."""
        return _others(environment) == self._environment and "PREFECT_API_URL" not in environment

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], cwd: Path, timeout_s: float
    ) -> subprocess.CompletedProcess[str]:
        """Run the command; what it says comes back as that of `subprocess.run`."""
        out, err = self._directory / "out", self._directory / "err"
        asked = {
            "arguments": arguments,
            "environment": dict(environment),
            "cwd": str(cwd),
            "files": [str(out), str(err)],
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], timeout_s)[0]:
            raise subprocess.TimeoutExpired(list(arguments), timeout_s)
        code = int(self._process.stdout.readline())
        return subprocess.CompletedProcess(["lookervault", *arguments], code, out.read_text(), err.read_text())


@contextmanager
def starter(environment: Mapping[str, str]) -> Generator[Starter]:
    """Have a process that imports the command line in *environment* and waits for commands."""
    known = _others(environment)
    with TemporaryDirectory() as directory:
        process = subprocess.Popen(
            [sys.executable, __file__], env=known, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            yield Starter(process, known, Path(directory))
        finally:
            process.kill()
            process.communicate()


def _others(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(OURS)}


# In that process ------------------------------------------------------------------------------------------------------------


def _wait_for_commands() -> None:
    import flows.cli.app
    import flows.cli.boundary

    gc.freeze()  # pages that no collection touches stay shared
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _become(asked)
            flows.cli.main()
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _become(asked: dict) -> None:
    """Make of this process, which has just been forked, what a new one would be."""
    import flows

    os.environ.clear()
    os.environ.update(flows.DEFAULTS | asked["environment"])
    os.chdir(asked["cwd"])
    for number, path in enumerate((os.devnull, *asked["files"])):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0)  # noqa: SIM115
    sys.argv = ["lookervault", *asked["arguments"]]


if __name__ == "__main__":
    sys.path.pop(0)
    _wait_for_commands()
