"""An id has a file of its own, whatever it is made of, and the file tells the id."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lookervault_core.catalog import CATALOG
from lookervault_core.exchange.names import file_of, key_of
from lookervault_core.model import ContentKey

IDS = st.text() | st.text(alphabet="./\\:%~-_aAbB0", max_size=12) | st.from_regex(r"[0-9]{1,9}", fullmatch=True)
KEYS = st.builds(ContentKey, st.sampled_from(sorted(CATALOG)), IDS)
TRICKY = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "con",
    "COM1",
    "nul.txt",
    "%2e",
    "~",
    "é",
    "e\u0301",
    "\0",
]


@given(KEYS)
def test_the_file_tells_the_id_or_says_that_it_shortens_it(key: ContentKey) -> None:
    file = file_of(key)
    assert key_of(file) == (None if "~" in file else key)


@given(KEYS, KEYS)
@example(ContentKey("dashboards", "A"), ContentKey("dashboards", "a"))
@example(ContentKey("dashboards", "é"), ContentKey("dashboards", "e\u0301"))
@example(ContentKey("dashboards", "x" * 300), ContentKey("dashboards", "x" * 301))
def test_two_items_never_share_a_file_even_where_case_does_not_count(a: ContentKey, b: ContentKey) -> None:
    assert (file_of(a).casefold() == file_of(b).casefold()) == (a == b)


@given(KEYS)
@example(ContentKey("explores", "model::" + "é" * 400))
def test_a_file_is_in_the_folder_of_its_type_on_any_system(key: ContentKey) -> None:
    file = file_of(key)
    assert PurePosixPath(file).parts == PureWindowsPath(file).parts == (key.content_type, file.partition("/")[2])
    name = PurePosixPath(file).name
    assert name.isascii()
    assert not name.startswith(".")
    assert len(name) <= 200
    assert not PureWindowsPath(name).is_reserved()


@pytest.mark.parametrize("id", TRICKY)
def test_ids_that_are_no_names_are_encoded_and_read_back(id: str) -> None:
    assert key_of(file_of(ContentKey("looks", id))) == ContentKey("looks", id)


def test_what_people_read_stays_readable() -> None:
    assert file_of(ContentKey("dashboards", "42")) == "dashboards/42.json"
    assert file_of(ContentKey("explores", "thelook::order_items")) == "explores/thelook%3a%3aorder_items.json"


@pytest.mark.parametrize(
    "file",
    [
        "dashboards/%34%32.json",
        "dashboards/A.json",
        "nonsense/1.json",
        "dashboards/1.txt",
        "../dashboards/1.json",
        "dashboards/%ff.json",
        "dashboards/x/1.json",
        "1.json",
        "dashboards/.json",
        "dashboards/%2.json",
    ],
)
def test_a_file_that_no_item_has_is_none(file: str) -> None:
    assert key_of(file) is None
