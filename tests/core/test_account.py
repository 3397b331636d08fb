"""Everything that Looker's API lets one read is accounted for: by the description, by the SDK, and by what the catalog asks."""

from __future__ import annotations

import inspect
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from looker_sdk.sdk.api40 import methods

from lookervault_core.catalog import CATALOG, Call
from lookervault_core.catalog.account import TABLE
from lookervault_core.extract.account import assigned, markdown, unknown

ROOT = Path(__file__).parent.parent.parent
DESCRIPTION = ROOT.parent / "shared" / "looker-openapi-4.0.json"


def described() -> set[str]:
    paths = json.loads(DESCRIPTION.read_text())["paths"]
    return {one["get"]["operationId"] for one in paths.values() if "get" in one}


def of_the_sdk() -> set[str]:
    """The methods of the installed SDK that send a GET."""
    functions = inspect.getmembers(methods.Looker40SDK, inspect.isfunction)
    return {name for name, one in functions if re.search(r"self\.get\(\s*(path=)?f?[\"']", inspect.getsource(one))}


def calls_of_the_catalog() -> dict[str, set[str]]:
    """By operation, the types that ask it."""
    found: dict[str, set[str]] = {}
    for row in CATALOG.values():
        values = [getattr(row, name) for name in row.__struct_fields__]
        calls = [one for one in values if isinstance(one, Call)]
        calls += [one for value in values if isinstance(value, tuple) for one in value if isinstance(one, Call)]
        calls += [one for value in values if isinstance(value, dict) for one in value.values() if isinstance(one, Call)]
        calls += [document.read for document in row.documents.values()]
        for call in calls:
            found.setdefault(call.operation, set()).add(row.name)
    return found


@pytest.mark.skipif(not DESCRIPTION.exists(), reason="the description of the API is not at hand")
def test_no_operation_of_the_description_is_missing() -> None:
    assert unknown(described()) == []


def test_no_operation_of_the_installed_sdk_is_missing() -> None:
    found = of_the_sdk()
    assert len(found) > 200
    assert unknown(found) == []


def test_none_is_in_it_twice() -> None:
    assert [name for name, count in Counter(name for name, _ in assigned()).items() if count > 1] == []


@pytest.mark.skipif(not DESCRIPTION.exists(), reason="the description of the API is not at hand")
def test_none_is_invented() -> None:
    assert sorted({name for name, _ in assigned()} - described() - of_the_sdk()) == []


def test_what_is_kept_names_a_type_that_there_is_and_each_has_a_reason() -> None:
    assert [entry for entry in TABLE if (entry.fate in ("kept", "part")) != (entry.by in CATALOG)] == []
    assert [entry for entry in TABLE if not entry.reason] == []


def test_what_the_catalog_asks_for_is_what_the_account_calls_kept() -> None:
    asked = calls_of_the_catalog()
    account = dict(assigned())
    assert {name for name in asked if account[name].fate != "kept"} == set()
    own = {name: account[name].by for name in asked if account[name].by not in asked[name]}
    assert own == {}, "kept by a type that does not ask for it"


def test_the_page_for_people_has_the_table() -> None:
    page = (ROOT / "docs" / "coverage.md").read_text()
    made = page.partition("holds it equal -->\n")[2].strip()
    assert made == markdown(), "write it anew: python -m lookervault_core.extract.account"
