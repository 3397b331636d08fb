"""The plans that the pages were asked for, and the state of each."""

from __future__ import annotations

import itertools
import threading
from datetime import datetime
from typing import Any

import msgspec

from lookervault_core.errors import NotFound
from lookervault_core.model import ContentKey

KEPT = 50


class Job(msgspec.Struct):
    """One plan and its `state`: `planning`, `planned`, `restoring`, `done` or `failed`. With `change` it reverts that change."""

    number: int
    key: ContentKey
    name: str
    snapshot: int
    tile: str = ""
    change: str = ""
    state: str = "planning"
    told: str = ""
    steps: list[dict[str, Any]] = []
    pictures: list[dict[str, Any]] = []
    warnings: list[str] = []
    digest: str = ""
    changes: bool = False
    report: dict[str, Any] | None = None
    began_at: datetime | None = None


class Jobs:
    """The plans that were asked for since the server started; only the last ones are kept."""

    def __init__(self) -> None:
        self._numbers, self._jobs, self._turn = itertools.count(1), dict[int, Job](), threading.Lock()

    def begin(self, key: ContentKey, name: str, snapshot: int, tile: str = "", change: str = "") -> Job:
        with self._turn:
            job = Job(next(self._numbers), key, name, snapshot, tile, change)
            self._jobs[job.number] = job
            for old in [one for one in self._jobs if one <= job.number - KEPT]:
                del self._jobs[old]
        return job

    def get(self, number: int) -> Job:
        if number not in self._jobs:
            raise NotFound(f"plan {number}: it is not there any more; ask for it again on the object's page")
        return self._jobs[number]

    def approve(self, job: Job) -> bool:
        """Mark *job* as being carried out and return True; False if it is not planned yet, changes nothing, or was approved
        before."""
        with self._turn:
            if job.state != "planned" or not job.changes:
                return False
            job.state = "restoring"
            return True
