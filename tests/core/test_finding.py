"""What tells of a person is found however it is written, and nothing of anybody else is."""

from __future__ import annotations

import unicodedata

import pytest

from lookervault_core.families.users.finding import anchor, finding

THEIRS = ("ann@x.org", "Ann Lee", "Lee, Ann", 'Öz"gür Şahin', "cn=ann,ou=staff")


@pytest.mark.parametrize(
    "text",
    [
        "Ask ann@x.org.", "<ANN@X.ORG>", "?Email=ann%40x.org&x=1", "%3Dann%2540x.org%26", "mailto:ann@x.org,joe@y.org",
        "ann  lee's", "Ann\u00a0Lee", "by Ann\nLee", "q=Ann+Lee", "q=ann%20lee", "(Lee, Ann)", "Lee,\u00a0Ann",
        unicodedata.normalize("NFD", 'von Öz"gür Şahin'), "%C3%96z%22g%C3%BCr%20%C5%9Eahin", "dn: cn=ann,ou=staff",
    ],
)  # fmt: skip
def test_it_is_found_in_every_way_of_writing_it(text: str) -> None:
    found = finding(THEIRS)
    assert found
    assert found.search(text)
    assert any(anchor(one) in text.casefold() for one in THEIRS)


@pytest.mark.parametrize(
    "text",
    [
        "joann@x.org", "ann@x.org.uk", "ann@x.organic", "mary-ann@x.org", "a.ann@x.org", "ann@x.org-y.com", "Joann Leeds",
        "Ann Leeson", "Joann Lee", "%2Dann@x.org", "Annlee", 'Öz"gür Şahina',
    ],
)  # fmt: skip
def test_a_longer_word_or_address_is_somebody_else(text: str) -> None:
    found = finding(THEIRS)
    assert found
    assert not found.search(text)
