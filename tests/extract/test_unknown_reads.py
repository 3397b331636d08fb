"""A release that has more than this LookerVault knows of says so in each snapshot's report."""

from __future__ import annotations

from collections.abc import Callable

from tests.extract.backup import Backup

Start = Callable[..., Backup]


def test_a_release_with_new_operations_is_told_of_in_one_line(backup: Start) -> None:
    report = backup(bends=("describes=all_widgets+widget",)).run()
    assert report.unknown_operations == 2
    notes = [note["detail"] for note in report.notes if note["content_type"] == "api"]
    assert len(notes) == 1
    assert "2 operations of this release unknown" in notes[0]
    assert "all_widgets, widget" in notes[0]
    assert report.status == "complete"


def test_a_release_that_the_account_knows_whole_is_not_told_of(backup: Start) -> None:
    report = backup().run()
    assert report.unknown_operations == 0
    assert [note for note in report.notes if note["content_type"] == "api"] == []


def test_backups_of_some_types_ask_for_the_description_of_a_release_once(backup: Start) -> None:
    one = backup(bends=("describes=all_widgets",))
    assert one.run("boards").unknown_operations == 0
    assert one.run("themes").unknown_operations == 0
    assert one.asked("api_spec") == 1
