"""kill -9 at any moment: nothing lost, nothing doubled, only what was under way is read again."""

from __future__ import annotations

import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Self

from looker_simulator import Simulator
from tests.conftest import until
from tests.extract.backup import Backup

WORKERS = 2
KILLS = 30
EXTRACTS = """
import sys
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.threads import capture_on_threads
from lookervault_core.extract.session import extraction
from lookervault_core.settings import load_settings

url, path, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])

def extract(resume, **options):
    settings = load_settings(None, base_url=url, client_id="simulator", client_secret="simulator-secret", db_path=path,
                             rate_limit_per_second=0, workers=workers)
    with extraction(settings, ExtractOptions(workers=workers, **options), resume=resume) as run:
        capture_on_threads(run, workers)
"""
# Forks an extraction for each line, so that none has to import anything; says its number, and how it ended.
FORKS = (
    EXTRACTS
    + """
import os
for line in sys.stdin:
    child = os.fork()
    if not child:
        extract(line.strip() or None)
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
)


class Victims:
    """Extractions one after the other, each a process of its own."""

    def __init__(self, looker: Simulator, path: Path) -> None:
        self._parent = subprocess.Popen(
            command(FORKS, looker, path),
            bufsize=0,  # what is read is waited for
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._parent.communicate()

    def start(self, resume: str = "") -> None:
        assert self._parent.stdin
        self._parent.stdin.write(f"{resume}\n".encode())
        self._parent.stdin.flush()
        self._pid = self._said()

    def is_over(self) -> bool:
        assert self._parent.stdout
        return bool(select.select([self._parent.stdout.fileno()], [], [], 0)[0])

    def kill(self) -> int:
        """Kill the one that runs and return how it ended, which may have been before."""
        if not self.is_over():
            os.kill(self._pid, signal.SIGKILL)
        return self._said()

    def _said(self) -> int:
        assert self._parent.stdout
        return int(self._parent.stdout.readline())


def command(script: str, looker: Simulator, path: Path) -> list[str]:
    return [sys.executable, "-c", script, looker.base_url, str(path), str(WORKERS)]


def contents(path: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(path)) as db:
        (last,) = db.execute("SELECT max(snapshot_id) FROM snapshots").fetchone()
        return db.execute(
            "SELECT content_type, id, sha256 FROM snapshot_contents WHERE snapshot_id = ? ORDER BY 1, 2", (last,)
        ).fetchall()


def test_a_run_killed_thirty_times_ends_with_what_an_undisturbed_one_has(
    backup: Callable[..., Backup], tmp_path: Path
) -> None:
    """Shuffled rows make some bytes differ from run to run, so types whose rows have an order are compared by hash."""
    one = backup(scale="small", latency_ms=4)
    undisturbed = tmp_path / "undisturbed.db"
    one.path, killed = undisturbed, one.path
    whole = one.run(workers=WORKERS)
    undisturbed_calls = one.looker.calls.total
    one.looker.calls.reset()

    chance = random.Random(20261121)
    kills = 0
    with Victims(one.looker, killed) as victims:
        while kills < KILLS:
            before = one.looker.calls.total
            victims.start("newest" if kills > 0 and killed.exists() else "")
            # After so many more requests: what a process does between two of them is hit at random, too.
            enough = before + chance.randint(6, 22)
            while one.looker.calls.total < enough and not victims.is_over():
                time.sleep(0.001)
            time.sleep(chance.random() * 0.01)
            if victims.kill() == 0:
                break
            kills += 1
    one.path = killed
    report = one.run(resume="newest", workers=WORKERS) if kills == KILLS else None
    assert kills >= 25, "it was complete before it was killed often enough"
    assert report is not None
    assert report.status == "complete"
    assert {n: c["captured"] for n, c in report.types.items()} == {n: c["captured"] for n, c in whole.types.items()}
    ours, theirs = contents(killed), contents(undisturbed)
    assert len({row[:2] for row in ours}) == len(ours)
    assert [row[:2] for row in ours] == [row[:2] for row in theirs]
    shuffled = {
        "user_attribute_values",
        "group_users",
        "role_groups",
        "role_users",
        "user_attribute_group_values",
        "content_metadata_accesses",
    }
    assert [row for row in ours if row[0] not in shuffled] == [row for row in theirs if row[0] not in shuffled]
    # Each try: login, me, roles, versions; what was under way at the kill; and what the next page's commit would have held.
    extra = one.looker.calls.total - undisturbed_calls
    assert extra <= KILLS * (5 + 25 * WORKERS)
    with one.vault() as vault:
        assert len(vault.snapshots()) == 1
        assert not vault.check_structure()


def test_only_the_pages_in_flight_are_read_again(backup: Callable[..., Backup]) -> None:
    one = backup(scale="small", dashboards=400, latency_ms=10)
    one.run("themes")
    one.looker.calls.reset()
    script = EXTRACTS + "extract(None, types=('dashboards',), page_size=10)"
    process = subprocess.Popen(command(script, one.looker, one.path), stderr=subprocess.DEVNULL)
    later = one.looker.faults.add("hold", operation="search_dashboards", after=15)
    until(lambda: later.fired, process)
    process.kill()
    process.wait()
    one.looker.faults.clear()
    report = one.run(resume="newest", workers=WORKERS, page_size=10)
    assert report.status == "complete"
    assert report.types["dashboards"]["captured"] == one.counts()["dashboards"]
    # One page of each worker being kept and one more on its way.
    assert 400 / 10 <= one.asked("search_dashboards") <= 400 / 10 + 2 * WORKERS + 1
