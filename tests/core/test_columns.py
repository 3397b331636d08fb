"""A payload that cannot be understood is told by a CodecError, which becomes a hole, whatever is wrong with it."""

from __future__ import annotations

import pytest

from lookervault_core.catalog import CATALOG
from lookervault_core.columns import columns
from lookervault_core.errors import CodecError


@pytest.mark.parametrize(
    "payload",
    [b'{"id":"1","title":"\xe9"}', b'{"id":"1","dashboard_elements":5,"title":"cut', b'{"title":"no id"}', b"[]", b""],
    ids=["no UTF-8", "an odd value and cut short", "no id", "no object", "nothing"],
)
def test_what_is_wrong_with_a_payload_is_a_codec_error(payload: bytes) -> None:
    with pytest.raises(CodecError):
        columns(CATALOG["dashboards"], payload)


def test_an_odd_value_costs_no_more_than_the_columns_that_need_it() -> None:
    found = columns(CATALOG["dashboards"], b'{"id":"1","title":"Sales","dashboard_elements":5}')
    assert (found.id, found.name) == ("1", "Sales")
