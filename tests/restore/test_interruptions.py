"""A restore that is killed at any step of its journal, and then resumed, makes no duplicate and finishes the job."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, mutate, oracle
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.extract.session import check_resumable
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, resumed, undo
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import journal
from tests.restore.test_wreckage import is_known_loss

WRECKED = ("groups", "user_attributes", "roles", "looks", "dashboards", "boards", "scheduled_plans", "alerts")


class Killed(BaseException):
    """The process ends here: nothing catches this."""


class Scythe:
    """Falls once at every write of a restore: at one of its two entries in the journal, right before it or right after; or at
    those of one type *only*."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, entry: str, moment: str, only: str = "") -> None:
        self._only = only
        self.fallen: set[tuple[ContentKey, str]] = set()
        self._moment = moment
        self._intended: dict[int, tuple[ContentKey, str]] = {}
        self._intend, self._conclude = journal.intend, journal.conclude
        monkeypatch.setattr(journal, "intend", self._intending if entry == "intend" else self._noting)
        monkeypatch.setattr(journal, "conclude", self._concluding if entry == "conclude" else self._conclude)

    def _noting(self, vault, session_id, key, step, *more):
        number = self._intend(vault, session_id, key, step, *more)
        self._intended[number] = (key, step)
        return number

    def _intending(self, vault, session_id, key, step, *more):
        return self._fall((key, step), lambda: self._intend(vault, session_id, key, step, *more))

    def _concluding(self, vault, number, outcome, *more, **target):
        commit = lambda: self._conclude(vault, number, outcome, *more, **target)  # noqa: E731
        return self._fall(self._intended[number], commit) if outcome is journal.Outcome.DONE else commit()

    def _fall(self, write, commit):
        if write in self.fallen or self._only not in ("", write[0].content_type):
            return commit()
        self.fallen.add(write)
        if self._moment == "after":
            commit()
        raise Killed


def full_dashboard(simulator: Simulator) -> str:
    """Return a dashboard with tabs, filters and tiles that show a query, a merge query, a look and a text."""
    world = simulator.world

    def is_full(dashboard_id: str) -> bool:
        tiles = world.parts("dashboard_elements", dashboard_id)
        shown = {
            field for row in tiles for field in ("query_id", "merge_result_id", "look_id", "body_text") if row[field]
        }
        tabs, filters = (world.parts(kind, dashboard_id) for kind in ("dashboard_layouts", "dashboard_filters"))
        return len(shown) == 4 and len(tabs) > 1 and bool(filters)

    return next(row["id"] for row in world["dashboards"] if not row["deleted"] and is_full(row["id"]))


def wreck(simulator: Simulator) -> dict[str, int]:
    """Delete for good a dashboard with all there is in one, a look, a board and a group; return how many there were of each
    kind."""
    world = simulator.world
    kinds = (
        "dashboards",
        "looks",
        "boards",
        "scheduled_plans",
        "groups",
        "dashboard_elements",
        "alerts",
        "dashboard_filters",
        "dashboard_layouts",
        "board_sections",
        "board_items",
    )
    counts = {kind: len(world[kind]) for kind in kinds}
    dashboard = full_dashboard(simulator)
    counts["dashboard_elements"] = len(world["dashboard_elements"])
    mutate(world, "delete", "dashboards", dashboard)
    mutate(world, "delete", "looks", next(row["id"] for row in world["looks"] if not row["deleted"]))
    mutate(world, "delete", "boards", next(iter(world["boards"]))["id"])
    mutate(world, "delete", "groups", [row for row in world["groups"] if not row["externally_managed"]][-1]["id"])
    return counts


# Right before a write is noted is right after the outcome of the one before it.
@pytest.mark.parametrize(
    ("entry", "moment", "exact"),
    [
        ("conclude", "before", False),
        ("conclude", "before", True),
        ("conclude", "after", False),
        ("intend", "after", False),
    ],
)
def test_a_restore_killed_at_every_write_makes_nothing_twice_and_ends_equal(
    entry, moment, exact, run_of, simulator, backed_up, looker, monkeypatch
):
    state = oracle.dump(simulator.world)
    before = wreck(simulator)
    scythe, report = Scythe(monkeypatch, entry, moment), None
    run = run_of(Selection.everything() if exact else Selection.bulk(*WRECKED), workers=1, exact=exact)
    while report is None:
        try:
            report = restore(run, 1)
        except Killed:
            run = resumed(backed_up, looker, sleep=lambda _: None)
    kinds = {key.content_type for key, _ in scythe.fallen}
    assert kinds >= {"dashboards", "dashboard_elements", "dashboard_filters", "dashboard_layouts", "merge_queries"}
    assert kinds >= {"boards", "board_sections", "board_items", "looks", "groups"}
    assert (report.status, report.dead_letters) == ("completed", 0)
    left = oracle.differences(state, oracle.dump(simulator.world))
    assert [line for line in left if not is_known_loss(line) and "group_values" not in line] == []
    assert [(s.content_type, s.id, s.action) for s in run_of(workers=1).plan().steps if s.action != "skip"] == []
    after = {kind: len(simulator.world[kind]) for kind in before}
    assert {kind: n for kind, n in after.items() if n > before[kind]} == {}


STORM = (
    {"kind": "429", "method": "write", "every": 7, "retry_after_s": 0},
    {"kind": "503", "method": "write", "every": 11, "retry_after_s": 0},
    {"kind": "reset_after", "method": "write", "every": 9},
    {"kind": "500_html", "every": 23},
)


def test_a_storm_of_faults_makes_no_duplicate_and_loses_nothing(run_of, simulator):
    before = wreck(simulator)
    for rule in STORM:
        simulator.faults.add(**rule)
    report = restore(run_of(), 4)
    simulator.faults.clear()
    report = restore(run_of(), 4)
    assert [str(one.key) for one in report.proof.items if one.verdict in ("different", "failed")] == []
    assert [(s.content_type, s.id, s.action) for s in run_of().plan().steps if s.action != "skip"] == []
    after = {kind: len(simulator.world[kind]) for kind in before}
    assert {kind: n for kind, n in after.items() if n > before[kind]} == {}


def test_a_token_that_dies_half_way_is_renewed(run_of, simulator):
    wreck(simulator)
    simulator.faults.add(kind="revoke", method="write", after=5, first=1)
    assert restore(run_of(), 4).status == "completed"


def test_a_fresh_object_that_a_cluster_does_not_know_yet_is_waited_for(run_of, simulator):
    wreck(simulator)
    simulator.faults.add(kind="lag", operation="create_dashboard", reads=2)
    assert restore(run_of(), 4).status == "completed"


def test_a_lost_create_is_found_though_another_part_has_its_number(run_of, simulator, looker):
    dashboard, world = full_dashboard(simulator), simulator.world
    tile = next(row["id"] for row in world.parts("dashboard_elements", dashboard))
    looker.delete("wreck", f"/dashboard_elements/{tile}")
    world["dashboard_filters"].next_id = world["dashboard_elements"].next_id
    body = b'{"dashboard_id": "%s", "name": "New", "title": "New", "type": "string_filter"}' % dashboard.encode()
    looker.post("more", "/dashboard_filters", body)
    before = len(world["dashboard_elements"])
    simulator.faults.add("reset_after", operation="create_dashboard_element", first=1)
    assert restore(run_of()).status == "completed"
    assert len(world["dashboard_elements"]) == before + 1


# While the state before is kept ----------------------------------------------------------------------------------------------


@pytest.fixture
def killed_before_it_wrote(run_of, simulator, backed_up, monkeypatch) -> dict:
    """A restore of two types that is killed when it has kept the state of one of them. Return the wreck, as the oracle has it."""
    for table in ("looks", "dashboards"):
        row = next(row for row in simulator.world[table] if not row["deleted"])
        mutate(simulator.world, "update", table, row["id"], {"title": "Wrecked"})
    wrecked, keep_page, kept = oracle.dump(simulator.world), Vault.keep_page, []

    def dying(vault, *page, **more):
        if kept:
            raise Killed
        kept.append(page)
        return keep_page(vault, *page, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "keep_page", dying)
        with pytest.raises(Killed):
            restore(run_of(Selection.bulk("looks", "dashboards")))
    return wrecked


def test_no_extraction_goes_on_with_the_state_before_a_restore(killed_before_it_wrote, backed_up):
    half = backed_up.sessions()[0]
    assert half.status == "running"
    with pytest.raises(NotFound, match="nothing to resume"):
        check_resumable(backed_up, None)
    with pytest.raises(NotFound, match="nothing to resume"):
        backed_up.resume_session()
    for refuse in (
        lambda: check_resumable(backed_up, half.session_id),
        lambda: backed_up.resume_session(half.session_id),
    ):
        with pytest.raises(UsageError, match=f"restore resume --session-id {half.restore}"):
            refuse()
    older = backed_up.begin_session(["looks"], options={})
    backed_up.fail_snapshot(older.session_id)
    later = backed_up.begin_session(["looks"], options={"before_restore": half.restore})
    assert backed_up.resume_session().session_id == older.session_id != later.session_id


def test_a_restore_killed_before_its_first_write_is_finished_and_taken_back(
    killed_before_it_wrote, simulator, backed_up, looker
):
    half = backed_up.sessions()[0]
    other = next(row for row in simulator.world["looks"] if not row["deleted"])["id"]
    mutate(simulator.world, "update", "looks", other, {"title": "Wrecked again"})
    wrecked = oracle.dump(simulator.world)
    report = restore(resumed(backed_up, looker))
    assert (report.status, report.session_id) == ("completed", half.restore)
    assert "running" not in {one.status for one in (*backed_up.sessions(), *backed_up.snapshots())}
    undo(backed_up, looker, report.session_id)
    assert oracle.differences(wrecked, oracle.dump(simulator.world)) == []
