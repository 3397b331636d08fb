"""The page on the comparison is the tables that the code reads."""

from __future__ import annotations

from pathlib import Path

from lookervault_core.catalog.tolerances import TOLERANCES, tolerates
from lookervault_core.diff.page import page

PAGE = Path(__file__).parents[2] / "docs" / "comparison.md"
COMMAND = (
    """uv run python -c "from lookervault_core.diff.page import page; print(page(), end='')" > docs/comparison.md"""
)


def test_the_page_is_what_the_tables_say():
    assert PAGE.read_text() == page(), f"write it anew: {COMMAND}"


def test_every_tolerance_has_a_reason_that_a_person_can_read():
    assert all(len(row.reason.split()) > 8 for row in TOLERANCES)


def test_what_the_table_does_not_name_is_not_tolerated():
    assert tolerates("any order", "group_users", "members")
    assert not tolerates("any order", "boards", "section_order")
    assert not tolerates("blank is null", "user_attributes", "default_value")
