"""A vault of many nights: how it grows, how fast it answers, what pruning it takes; and one of very many objects.

    uv run python benchmarks/vault_size.py nights [--nights 400] [--objects 20000] [--changing 0.01] [--keep FILE]
    uv run python benchmarks/vault_size.py objects [--objects 1000000] [--beside 10000]

Payloads are the simulator's, by the shares of its medium instance; Looker is left out, the vault's own calls are those of a nightly
incremental run: whole pages of what has no cheap proof, everything else taken over, and what changed read. Each command is
timed as a process of its own. Ratios and counts mean the same on any machine; seconds do not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parent.parent))

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.catalog import CATALOG
from lookervault_core.columns import columns, item_of
from lookervault_core.looker.client import Looker
from lookervault_core.looker.requests import fetch_rows
from lookervault_core.model import Item, Range
from lookervault_core.settings import load_settings
from lookervault_core.vault import Vault

ROOT = Path(__file__).parent.parent
# Of a hundred objects, and whether a night reads whole pages of them.
SHARES = {"dashboards": 15, "looks": 20, "folders": 13, "users": 7, "user_attribute_values": 7, "content_metadata": 38}
PAGED = ("dashboards", "folders", "users")
PAGE = 500
COMMANDS = (
    ("snapshots",),
    ("list", "dashboards"),
    ("show", "dashboard", "7"),
    ("history", "dashboard", "7"),
    ("diff", "{last}", "{newest}"),
    ("diff", "1", "{newest}"),
)


def patterns() -> dict[str, list[dict]]:
    """Return a few payloads of each type, as a simulated instance gives them."""
    with Simulator(SimulatorOptions(scale="small")) as simulator:
        settings = load_settings(
            None, base_url=simulator.base_url, client_id="simulator", client_secret="simulator-secret"
        )
        with Looker(settings.connection(), workers=1) as looker:
            found = {name: _listed(looker, name) for name in PAGED}
            looks = json.loads(looker.get("all_looks", "/looks", {"fields": "id"}).body)[:20]
            found["looks"] = [json.loads(looker.get("look", f"/looks/{one['id']}").body) for one in looks]
            values = [
                {"values": json.loads(looker.get("v", f"/users/{one['id']}/attribute_values").body)}
                for one in found["users"][:20]
            ]
            metadata = [
                json.loads(looker.get("m", f"/content_metadata/{one['content_metadata_id']}").body)
                for one in found["folders"][:20]
            ]
    return found | {"user_attribute_values": values, "content_metadata": metadata}


def _listed(looker: Looker, name: str) -> list[dict]:
    return [json.loads(bytes(raw)) for raw in fetch_rows(looker, CATALOG[name].list, extra={"limit": 60})]


class Instance:
    """So many objects, some of which change from night to night."""

    def __init__(self, objects: int, seed: int = 1) -> None:
        self._patterns = patterns()
        self._random = random.Random(seed)
        self.ids = {name: [str(n + 1) for n in range(objects * share // 100)] for name, share in SHARES.items()}
        self._edits: dict[tuple[str, str], int] = {}

    def night(self, share: float) -> dict[str, list[str]]:
        """Edit a *share* of all objects; return by type which."""
        edited = {name: self._random.sample(ids, round(len(ids) * share)) for name, ids in self.ids.items()}
        for name, ids in edited.items():
            for id in ids:
                self._edits[name, id] = self._edits.get((name, id), 0) + 1
        return edited

    def items(self, name: str, ids: Sequence[str]) -> list[Item]:
        return [self._item(name, id) for id in ids]

    def _item(self, name: str, id: str) -> Item:
        known, row = self._patterns[name], CATALOG[name]
        edits = self._edits.get((name, id), 0)
        payload = {**known[int(id) % len(known)], row.id_field: id, "title": f"Title {id}.{edits}"}
        body = msgspec.json.encode(payload)
        return Item(name, id, body) if row.is_answer else item_of(row, columns(row, body), body)


def night(vault: Vault, instance: Instance, edited: dict[str, list[str]] | None, when: datetime) -> int:
    """Take one snapshot as an incremental run does, or with None a first one; return its number."""
    options = {"extract": {"types": None, "exclude": [], "folders": [], "incremental": edited is not None}}
    session = vault.begin_session(tuple(SHARES), options=options, taken_at=when)
    for name, ids in instance.ids.items():
        vault.set_census(session.snapshot_id, name, ids)
        read = list(ids) if edited is None or name in PAGED else edited[name]
        for at, page in enumerate(_pages(read)):
            span = Range(name, at, at + 1)
            vault.plan_ranges(session.session_id, [span])
            items = instance.items(name, page)
            vault.keep_page(
                session.session_id, session.snapshot_id, span, items, [], at + 1, True, CATALOG[name].volatile
            )
        if len(read) < len(ids):
            others = sorted(set(ids) - set(read), key=int)
            proven = name == "looks"
            vault.carry_forward(session.session_id, session.snapshot_id, name, others, proven=proven)
    return vault.close_snapshot(session.session_id).snapshot_id


def _pages(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (ids[at : at + PAGE] for at in range(0, len(ids), PAGE))


def nights(path: Path, count: int, objects: int, changing: float) -> None:
    """Fill a vault with so many nights and say what it came to."""
    instance, when = Instance(objects), datetime(2025, 1, 1, 3, tzinfo=UTC)
    with Vault.create_or_open(path) as vault, vault.run_lock():
        night(vault, instance, None, when)
        first = _settled(vault)
        started = cpu = 0.0
        for number in range(1, count):
            started = time.process_time()
            night(vault, instance, instance.night(changing), when + timedelta(days=number))
            cpu = time.process_time() - started
            if number % 50 == 0:
                print(f"  night {number + 1}: {_settled(vault) / first:.2f} x, {cpu:.1f} s of CPU", file=sys.stderr)
        last = _settled(vault)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} nights of {objects:,} objects, {100 * changing:.0f} % changing")
    print(f"first night {first / 1e6:.1f} MB, all {last / 1e6:.1f} MB: {last / first:.2f} x")
    print(f"the last night took {cpu:.1f} s of CPU; peak memory {peak_mb:.0f} MB")


def _settled(vault: Vault) -> int:
    vault.shrink()
    return vault.path.stat().st_size


def ask(path: Path, snapshots: int) -> None:
    """Time the commands that read, then a prune, each as a process."""
    named = {"newest": str(snapshots), "last": str(snapshots - 1)}
    for words in COMMANDS:
        _timed(path, [word.format(**named) for word in words])
    _timed(path, ["prune", "--keep-daily", "30", "--keep-monthly", "6", "--yes"])
    print(f"after it {path.stat().st_size / 1e6:.1f} MB")


def _timed(path: Path, words: list[str]) -> None:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "flows.cli", *words, "--db-path", str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=dict(os.environ))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{' '.join(words):50} {time.perf_counter() - started:6.2f} s, {cpu:6.2f} s of CPU")


def objects(few: int, many: int) -> None:
    """Take a first night and an incremental one of few objects and of many; say what one object cost."""
    costs = {}
    for count in (few, many):
        with tempfile.TemporaryDirectory() as scratch:
            costs[count] = _cost(Path(scratch) / "vault.db", count)
            first, second, size = costs[count]
            print(
                f"{count:,} objects: {first:.4f} ms first, {second:.4f} ms second, {size:,.0f} bytes each", flush=True
            )
    ratios = [large / small for small, large in zip(costs[few], costs[many], strict=True)]
    print("one of many against one of few: " + ", ".join(f"{one:.2f} x" for one in ratios))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _cost(path: Path, count: int) -> tuple[float, float, float]:
    instance, when = Instance(count), datetime(2025, 1, 1, 3, tzinfo=UTC)
    with Vault.create_or_open(path) as vault, vault.run_lock():
        marks = [time.process_time()]
        night(vault, instance, None, when)
        marks.append(time.process_time())
        night(vault, instance, instance.night(0.01), when + timedelta(days=1))
        marks.append(time.process_time())
        size = _settled(vault)
    first, second = (1000 * (later - earlier) / count for earlier, later in pairwise(marks))
    return first, second, size / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("nights", "objects"))
    parser.add_argument("--nights", type=int, default=400)
    parser.add_argument("--objects", type=int)
    parser.add_argument("--beside", type=int, default=10_000)
    parser.add_argument("--changing", type=float, default=0.01)
    parser.add_argument("--keep", type=Path, help="leave the vault there")
    options = parser.parse_args()
    if options.what == "objects":
        objects(options.beside, options.objects or 1_000_000)
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = options.keep or Path(scratch) / "vault.db"
        nights(path, options.nights, options.objects or 20_000, options.changing)
        ask(path, options.nights)


if __name__ == "__main__":
    main()
