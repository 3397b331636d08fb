"""When and what, as people say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from lookervault_core.errors import NotFound, UsageError
from lookervault_core.history import Ambiguous, find_object, snapshot_at, span
from lookervault_core.model import ContentKey, Item, Range
from lookervault_core.vault import Vault

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("2026-11-20", datetime(2026, 11, 20), datetime(2026, 11, 20, 23, 59, 59, 999999)),
        ("2026-11-20 14:00", datetime(2026, 11, 20, 14), datetime(2026, 11, 20, 14, 0, 59)),
        ("2026-11-20T14:00:05Z", datetime(2026, 11, 20, 14, 0, 5), datetime(2026, 11, 20, 14, 0, 5)),
        ("2026-11-20 14:00+02:00", datetime(2026, 11, 20, 12), datetime(2026, 11, 20, 12)),
        ("Yesterday", datetime(2026, 11, 23), datetime(2026, 11, 23, 23, 59, 59, 999999)),
        ("3 days ago", datetime(2026, 11, 21, 12, 30), datetime(2026, 11, 21, 12, 30)),
        ("a week  ago", datetime(2026, 11, 17, 12, 30), datetime(2026, 11, 17, 12, 30)),
        ("2 hours ago", datetime(2026, 11, 24, 10, 30), datetime(2026, 11, 24, 10, 30)),
        ("now", datetime(2026, 11, 24, 12, 30), datetime(2026, 11, 24, 12, 30)),
        ("last monday", datetime(2026, 11, 23), datetime(2026, 11, 23, 23, 59, 59, 999999)),
    ],
)
def test_a_time_is_taken_as_people_say_it(said: str, first: datetime, last: datetime) -> None:
    found = span(said, NOW)
    assert (found.first, found.last) == (first.replace(tzinfo=UTC), last.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "said", ["", "soon", "2026-13-01", "24.11.2026", "-3 days ago", "999999 years ago", "\x1b[31m"]
)
def test_what_is_no_time_is_one_line_that_says_how_to_say_one(said: str) -> None:
    with pytest.raises(UsageError, match="3 days ago"):
        span(said, NOW)


def keep(vault: Vault, name: str, *items: tuple[str, str, str | None], taken_at: datetime | None = None) -> int:
    """Take a whole snapshot of one type, whose items are id, name and folder."""
    session = vault.begin_session([name], [], {}, taken_at=taken_at)
    kept = [
        Item(name, one, msgspec.json.encode({"id": one, "name": title, "parent_id": folder}), title, folder)
        for one, title, folder in items
    ]
    span = Range(name, 0, 100, 0)
    vault.keep_page(session.session_id, session.snapshot_id, span, kept, [], len(kept), True, frozenset())
    vault.set_census(session.snapshot_id, name, [one for one, *_ in items])
    return vault.close_snapshot(session.session_id).snapshot_id


@pytest.fixture
def vault(tmp_path: Path):
    times = iter(NOW - timedelta(days=5) + timedelta(hours=n) for n in range(400))
    with Vault.create_or_open(tmp_path / "looker.db", clock=lambda: next(times)) as one:
        one.claim_instance("https://looker.example.com")
        yield one


def test_the_newest_snapshot_that_is_not_later_is_taken(tmp_path: Path) -> None:
    now = [NOW - timedelta(days=3)]
    with Vault.create_or_open(tmp_path / "looker.db", clock=lambda: now[0]) as vault:
        with pytest.raises(NotFound, match="no snapshot"):
            snapshot_at(vault, "now")
        first = keep(vault, "folders", ("1", "Shared", None))
        now[0] = NOW
        second = keep(vault, "folders", ("1", "Shared", None))
        assert snapshot_at(vault, "now").snapshot_id == second
        assert snapshot_at(vault, "yesterday", "folders").snapshot_id == first
        assert snapshot_at(vault, "2026-11-24").snapshot_id == second
        with pytest.raises(NotFound, match=f"snapshot {first} of 2026-11-21 12:30"):
            snapshot_at(vault, "2026-11-20")
        with pytest.raises(UsageError, match=f"lies ahead; the newest snapshot is snapshot {second}"):
            snapshot_at(vault, "2026-11-25")
        session = vault.begin_session(["folders"], [], {})
        vault.close_snapshot(session.session_id)
        assert snapshot_at(vault, "now", "folders").snapshot_id == second, "one with holes hides none without"


def test_an_object_is_found_by_id_address_title_and_path(vault: Vault) -> None:
    keep(vault, "folders", ("1", "Shared", None), ("2", "Finance", "1"), ("3", "Sales", "1"))
    keep(
        vault, "dashboards",
        ("10", "Exec Overview", "2"), ("11", "Exec Overview", "3"), ("12", "A/B test", "3"), ("13", "12", "2"),
    )  # fmt: skip

    def find(said: str, kind: str = "dashboards") -> str:
        found = find_object(vault, kind, said)
        assert found.content_type == kind
        return found.id

    assert find("10") == "10"
    assert find("12") == "12", "an id comes before a title"
    assert find("https://looker.example.com/dashboards/11?Region=EU") == "11"
    assert find("https://looker.example.com:9999/embed/dashboards-next/11") == "11"
    assert find("a/b TEST") == "12"
    assert find("Sales/A/B test") == "12"
    assert find("Shared/Finance/Exec Overview") == "10"
    assert find("/finance/exec overview") == "10"
    assert find("Shared/Finance", "folders") == "2"
    with pytest.raises(Ambiguous, match=r"2 dashboards .*10, 11") as several:
        find("Exec Overview")
    assert [(one.id, one.folder) for one in several.value.choices] == [("10", "Shared/Finance"), ("11", "Shared/Sales")]
    for said, told in (
        ("https://other.example.com/dashboards/10", "another instance"),
        ("https://looker.example.com/looks/10", "one of looks"),
        ("https://looker.example.com/browse", "no object is at this address"),
        ("https://[", "no address"),
    ):
        with pytest.raises(UsageError, match=told):
            find(said)
    for said in ("nobody", "Nowhere/Exec Overview", "", "/", "%", "x" * 10_000, "' OR 1=1 --"):
        with pytest.raises(NotFound, match="no snapshot holds it"):
            find(said)


def test_what_is_gone_is_found_by_what_it_was_called(vault: Vault) -> None:
    first = keep(vault, "dashboards", ("10", "Old name", None), ("11", "Gone", None))
    keep(vault, "dashboards", ("10", "New name", None))
    assert find_object(vault, "dashboards", "Gone") == ContentKey("dashboards", "11")
    assert find_object(vault, "dashboards", "old name") == ContentKey("dashboards", "10")
    assert find_object(vault, "dashboards", "Old name", first) == ContentKey("dashboards", "10")


def test_the_very_letters_of_what_is_gone_come_before_another_case_of_what_is_there(tmp_path: Path) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        keep(vault, "dashboards", ("1", "Exec Overview", None), ("5", "exec overview", None), ("6", "Sales", None))
        keep(vault, "dashboards", ("5", "exec overview", None), ("6", "SALES", None))
        asked = ("Exec Overview", "exec overview", "EXEC OVERVIEW", "Sales")
        assert [find_object(vault, "dashboards", text).id for text in asked] == ["1", "5", "5", "6"]
