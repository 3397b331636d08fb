"""kill -9 at any moment: nothing lost, nothing doubled, only what was under way is read again."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from looker_simulator import Simulator
from tests.conftest import until
from tests.extract.backup import Backup

WORKERS = 2
KILLS = 30
SCRIPT = """
import sys
from lookervault_core.extract import ExtractOptions
from lookervault_core.extract.run import capture_on_threads
from lookervault_core.extract.session import extraction
from lookervault_core.settings import load_settings

url, path, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
settings = load_settings(None, base_url=url, client_id="simulator", client_secret="simulator-secret", db_path=path,
                         rate_limit_per_second=0, workers=workers)
try:
    with extraction(settings, ExtractOptions(workers=workers), resume=None if len(sys.argv) < 5 else "newest") as run:
        print("begun", flush=True)
        capture_on_threads(run, workers)
except Exception as error:
    print(error, file=sys.stderr)
    raise
"""


def contents(path: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(path)) as db:
        (last,) = db.execute("SELECT max(snapshot_id) FROM snapshots").fetchone()
        return db.execute(
            "SELECT content_type, id, sha256 FROM snapshot_contents WHERE snapshot_id = ? ORDER BY 1, 2", (last,)
        ).fetchall()


def start(looker: Simulator, path: Path, *, resume: bool) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, looker.base_url, str(path), str(WORKERS), *(["resume"] if resume else [])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


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
    while kills < KILLS:
        before = one.looker.calls.total
        process = start(one.looker, killed, resume=kills > 0 and killed.exists())
        # After so many more requests: what a process does between two of them is hit at random, too.
        enough = before + chance.randint(6, 22)
        while one.looker.calls.total < enough and process.poll() is None:
            time.sleep(0.001)
        time.sleep(chance.random() * 0.01)
        ended = process.poll()
        process.kill()
        process.wait()
        if ended == 0:
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
    script = SCRIPT.replace(
        "ExtractOptions(workers=workers)", "ExtractOptions(types=('dashboards',), workers=workers, page_size=10)"
    )
    command = [sys.executable, "-c", script, one.looker.base_url, str(one.path), str(WORKERS)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
