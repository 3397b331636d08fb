"""Every operation of Looker's API that writes is made by something here, or stands in a table with the reason why not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.fresh_eyes import made, writes
from lookervault_core.catalog.account import UNMADE

DESCRIPTION = Path(__file__).parents[2].parent / "shared" / "looker-openapi-4.0.json"


def test_no_operation_of_the_installed_sdk_goes_unseen() -> None:
    found = writes(None)
    assert len(found) > 200
    assert sorted(found.keys() - made() - dict(UNMADE).keys()) == []


@pytest.mark.skipif(not DESCRIPTION.exists(), reason="the description of the API is not at hand")
def test_no_operation_of_the_description_goes_unseen_and_none_is_invented() -> None:
    found, known = writes(DESCRIPTION), dict(UNMADE)
    assert sorted(found.keys() - made() - known.keys()) == []
    assert sorted(known.keys() - found.keys()) == []


def test_none_is_in_it_twice_or_made_all_the_same() -> None:
    assert [name for name, count in Counter(name for name, _ in UNMADE).items() if count > 1] == []
    assert sorted(made() & dict(UNMADE).keys()) == []
