"""What snapshots hold is kept as spans, and shows as a row for each object and snapshot: whatever happened, the very same rows."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from lookervault_core import roots
from lookervault_core.model import ContentKey, Session
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite import schema
from tests.vault.conftest import FakeClock, Instance, count

KINDS = ("dashboards", "looks")
ROWS = "SELECT snapshot_id, item_id, version_id, change, carried, read_at FROM snapshot_items ORDER BY 1, 2"
BEFORE_SPANS = next(n for n, step in enumerate(schema.STEPS) if "CREATE TABLE lanes" in step[0])


def rows(vault: Vault) -> list[tuple]:
    with vault.read() as db:
        return db.execute(ROWS).fetchall()


class Nights:
    """Takes snapshots of an instance at random, and remembers what each one held before it was closed."""

    def __init__(self, vault: Vault, seed: int) -> None:
        self.vault, self.instance, self.luck = vault, Instance(vault), random.Random(seed)
        self.titles = {(kind, str(n)): "a" for kind in KINDS for n in range(12)}
        self.held: dict[int, list[tuple]] = {}

    def night(self) -> None:
        self._edit()
        self._capture(self.vault.begin_session(self._kinds()))

    def narrowed(self) -> None:
        self._capture(self.vault.begin_session(KINDS, ["state before a restore"]))

    def resumed(self) -> None:
        """Go on with any snapshot that is partial, also with one that is not the newest."""
        partial = [one for one in self.vault.sessions() if one.status == "partial"]
        if partial:
            self._capture(self.vault.resume_session(self.luck.choice(partial).session_id))

    def killed_before_it_was_folded(self) -> None:
        session = self.vault.begin_session(KINDS)
        self._keep(session)
        self._remember(session.snapshot_id)
        with self.vault.write() as db:
            db.execute("UPDATE snapshots SET status = 'partial' WHERE snapshot_id = ?", (session.snapshot_id,))
            db.execute("UPDATE extraction_sessions SET status = 'partial' WHERE session_id = ?", (session.session_id,))

    def pruned(self) -> None:
        closed = [one for one in self.vault.snapshots() if one.status != "running"]
        for one in self.luck.sample(closed, len(closed) // 3):
            self.vault.delete_snapshot(one.snapshot_id)
            del self.held[one.snapshot_id]
        if self.luck.random() < 0.5:
            self.vault.collect_garbage()

    def _kinds(self) -> tuple[str, ...]:
        return KINDS if self.luck.random() < 0.8 else tuple(self.luck.choices(KINDS))

    def _edit(self) -> None:
        for key in self.luck.sample(sorted(self.titles), 4):
            self.titles[key] = self.luck.choice("abc")
        if self.luck.random() < 0.3:
            self.titles.pop(self.luck.choice(sorted(self.titles)))
        if self.luck.random() < 0.3:
            self.titles["looks", str(self.luck.randrange(30))] = "a"

    def _capture(self, session: Session) -> None:
        self._keep(session)
        self._remember(session.snapshot_id)
        self.vault.close_snapshot(session.session_id)

    def _keep(self, session: Session) -> None:
        for kind in self.vault.snapshot(session.snapshot_id).types:
            ids = [id for its, id in self.titles if its == kind]
            carried, proven = (
                self.luck.sample(ids, self.luck.choice((0, len(ids) // 2, len(ids)))),
                self.luck.random() < 0.5,
            )
            base = set(self.vault.base_ids(session.snapshot_id, kind))
            self.vault.carry_forward(session.session_id, session.snapshot_id, kind, carried, proven=proven)
            read = [one for one in ids if one not in carried or one not in base]
            lost = self.luck.choice((0, 0, 0, 1, len(read)))
            items = [self.instance.item(one, title=self.titles[kind, one], content_type=kind) for one in read[lost:]]
            self.instance.keep(session, items, done=True)
            self.vault.set_census(session.snapshot_id, kind, ids)

    def _remember(self, snapshot_id: int) -> None:
        self.held[snapshot_id] = [row for row in rows(self.vault) if row[0] == snapshot_id]

    def expected(self) -> list[tuple]:
        return [row for _, found in sorted(self.held.items()) for row in found]


@pytest.mark.parametrize("seed", range(12))
def test_every_snapshot_shows_what_it_held_whatever_happens_to_the_others(vault: Vault, seed: int) -> None:
    nights = Nights(vault, seed)
    happenings: list[Callable[[], None]] = [
        *[nights.night] * 3, nights.narrowed, nights.resumed, nights.killed_before_it_was_folded, nights.pruned,
    ]  # fmt: skip
    for happening in nights.luck.choices(happenings, k=14):
        happening()
        assert rows(vault) == nights.expected()
    assert roots.roots(vault) == {snapshot_id: roots.root(vault, snapshot_id) for snapshot_id in nights.held}
    versions = {row[1:3] for row in nights.expected()}
    with vault.read() as db:
        assert set(db.execute("SELECT item_id, version_id FROM held_spans")) == versions
    vault.collect_garbage()
    assert rows(vault) == nights.expected()
    assert vault.check_structure() == []
    for before, after in combinations(sorted(nights.held), 2):
        assert {(one.content_type, one.id) for one in vault.diff(before, after) if one.change == "changed"} == (
            changed(vault, nights.held[before], nights.held[after])
        )


def changed(vault: Vault, before: list[tuple], after: list[tuple]) -> set[tuple[str, str]]:
    """Return what two snapshots hold otherwise, of the types that both looked through."""
    then = {item: version for _, item, version, *_ in before}
    differ = [item for _, item, version, *_ in after if item in then and then[item] != version]
    with vault.read() as db:
        named = {item: (kind, id) for item, kind, id in db.execute("SELECT * FROM content_items")}
        blobs = dict(db.execute("SELECT version_id, blob_id FROM content_versions").fetchall())
    now = {item: version for _, item, version, *_ in after}
    return {named[item] for item in differ if blobs[then[item]] != blobs[now[item]]}


def test_a_night_in_which_nothing_happened_adds_no_row(vault: Vault, instance: Instance, path: Path) -> None:
    items = [instance.item(str(n)) for n in range(1, 50)]
    taken = [instance.capture(items) for _ in range(3)]
    assert (count(path, "item_spans"), count(path, "snapshot_items")) == (49, 3 * 49)
    instance.capture([*items[1:], instance.item("1", title="Other")])
    assert count(path, "item_spans") == 50
    assert [row.id for row in vault.items("dashboards", taken[0].snapshot_id)] == [item.id for item in items]


def test_what_is_read_in_turn_costs_a_row_when_it_is_read(vault: Vault, instance: Instance, path: Path) -> None:
    items = [instance.item(str(n)) for n in range(1, 15)]
    instance.capture(items)
    began = vault.snapshot(1).started_at.isoformat()
    for night in range(6):
        session = instance.begin()
        read = [] if night < 4 else items[:2]
        instance.keep(session, read)
        ids = [one.id for one in items]
        vault.carry_forward(session.session_id, session.snapshot_id, "dashboards", ids[len(read) :], proven=False)
        vault.set_census(session.snapshot_id, "dashboards", ids)
        vault.close_snapshot(session.session_id)
    assert count(path, "item_spans") == 14 + 2  # what is read again and again goes on
    ages = {row[5] for row in rows(vault) if row[0] == 7}
    assert ages == {None, began}


def test_a_vault_of_before_shows_the_same_rows_and_is_folded_by_the_next_night(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(schema, "STEPS", schema.STEPS[:BEFORE_SPANS])
        Vault.create_or_open(path).close()
    written = list(written_before(path))
    with Vault.open(path, clock=FakeClock()) as vault:
        assert rows(vault) == sorted(written)
        assert count(path, "item_spans") == len(written)
        held = {one: vault.items("dashboards", one) for one in (1, 2, 3)}
        history = vault.history(ContentKey("dashboards", "1"))
        items = [Instance(vault).item(str(n)) for n in range(1, 21)]
        Instance(vault).capture(items)
        assert [row for row in rows(vault) if row[0] < 4] == sorted(written)
        assert {one: vault.items("dashboards", one) for one in (1, 2, 3)} == held
        assert [one.version_id for one in vault.history(ContentKey("dashboards", "1"))][-1] == history[-1].version_id
        assert vault.check_structure() == []
        lanes = 20 + 20  # where the first one read each, and the last one made each anew
        assert count(path, "item_spans") == lanes


def written_before(path: Path) -> Iterator[tuple[Any, ...]]:
    """Write three nights as older releases did, the rows of which are yielded."""
    with closing(sqlite3.connect(path)) as db, db:
        for n in range(1, 21):
            db.execute("INSERT INTO content_items VALUES (?, 'dashboards', ?)", (n, str(n)))
            db.execute("INSERT INTO blobs VALUES (?, ?, 0, ?)", (n, bytes([n]) * 32, b""))
            db.execute(
                "INSERT INTO content_versions VALUES (?, ?, ?, '', NULL, NULL, NULL, '2026-01-01T00:00:00+00:00')",
                (n, n, n),
            )
        for night in (1, 2, 3):
            at = f"2026-01-0{night}T00:00:00+00:00"
            db.execute("INSERT INTO snapshots VALUES (?, 'complete', '[]', '', ?, ?)", (night, at, at))
            db.execute(
                "INSERT INTO snapshot_types (snapshot_id, content_type, position, surveyed)"
                " VALUES (?, 'dashboards', 0, 1)",
                (night,),
            )
            db.execute(
                "INSERT INTO extraction_sessions VALUES (?, ?, 'complete', '{}', ?, ?, ?, NULL)",
                (str(night), night, at, at, at),
            )
            for n in range(1, 21):
                row = (
                    night,
                    n,
                    n,
                    0 if night == 1 else 2,
                    int(night > 1),
                    None if night == 1 else "2026-01-01T00:00:00+00:00",
                )
                db.execute("INSERT INTO snapshot_items VALUES (?, ?, ?, ?, ?, ?)", row)
                yield row


# Each reads one snapshot, or one object, of many.
READERS: dict[str, Callable[[Vault], object]] = {
    "list": lambda vault: vault.items("dashboards", 2),
    "show": lambda vault: vault.payload(ContentKey("dashboards", "3"), 2),
    "history": lambda vault: vault.history(ContentKey("dashboards", "3")),
    "diff": lambda vault: vault.diff(1, 3),
    "base": lambda vault: (
        vault.base_ids(3, "dashboards"),
        vault.base_ages(3, "dashboards"),
        vault.read_ids(3, "dashboards"),
    ),
    "missing": lambda vault: (vault.missing(3, "dashboards"), vault.uncensused(3, "dashboards")),
    "check": lambda vault: list(vault.check_blobs(2)),
    "prune": lambda vault: vault.bytes_without([1, 2]),
    "root": lambda vault: roots.root(vault, 2),
    "roots": roots.roots,
}


@pytest.mark.parametrize("reader", READERS)
def test_who_reads_goes_by_keys(vault: Vault, instance: Instance, reader: str) -> None:
    for title in "aab":
        instance.capture([instance.item(str(n), title=title) for n in range(1, 5)])
    statements: list[str] = []
    with vault.read() as db:
        db.set_trace_callback(statements.append)
    READERS[reader](vault)
    with vault.read() as db:
        db.set_trace_callback(None)
        plans = [plan for one in statements if "SELECT" in one for *_, plan in db.execute(f"EXPLAIN QUERY PLAN {one}")]
    assert plans
    whole = [] if reader in ("prune", "roots") else [plan for plan in plans if plan.startswith("SCAN s")]
    assert whole + [plan for plan in plans if "AUTOMATIC" in plan or "MATERIALIZE snapshot_items" in plan] == []
