"""One rule says whether two addresses are one instance."""

from __future__ import annotations

import pytest

from lookervault_core.looker.instance import address, canonical, led_to, same, site


@pytest.mark.parametrize(
    "spelling",
    [
        "https://acme.looker.com",
        "HTTPS://Acme.Looker.com/",
        "https://acme.looker.com:443",
        "https://acme.looker.com./",
        "https://acme.looker.com/api/4.0",
        "https://acme.looker.com/api/",
        " https://acme.looker.com/api/3.1/ ",
    ],
)
def test_all_spellings_of_an_address_are_one_instance(spelling: str) -> None:
    assert canonical(spelling) == "https://acme.looker.com"
    assert same(spelling, "https://acme.looker.com")


@pytest.mark.parametrize(
    "other",
    [
        "http://acme.looker.com",
        "http://acme.looker.com:443",
        "https://acme.looker.com:19999",
        "https://acme.looker.com/us",
        "https://acme.looker.com/EMEA",
        "https://emea.acme.looker.com",
    ],
)
def test_another_scheme_host_port_or_path_is_another_instance(other: str) -> None:
    assert not same(other, "https://acme.looker.com")
    assert not same(other, "https://acme.looker.com/emea")


def test_an_address_keeps_its_port_path_and_brackets() -> None:
    assert canonical("https://[::1]:9999/emea/api/4.0") == "https://[::1]:9999/emea"


def test_people_find_an_instance_at_another_port_than_the_api_of_a_self_hosted_one() -> None:
    here = site("https://bi.example.com:19999")
    assert all(here.is_ours(host, "") for host in ("", "bi.example.com", "BI.example.com:9999", "bi.example.com:443"))
    assert not here.is_ours("bi.example.com:9998", "")
    assert not here.is_ours("bi.example.com", "/us")


@pytest.mark.parametrize(
    ("host", "base_url", "leads_to"),
    [
        ("https://old.example.com", "https://new.example.com", "https://new.example.com"),
        ("//old.example.com", "https://new.example.com:19999", "//new.example.com"),
        ("https://old.example.com:9999", "https://new.example.com:19999", "https://new.example.com:9999"),
        ("https://old.example.com:8443", "https://new.example.com", "https://new.example.com"),
        ("https://old.example.com", "https://new.example.com:8443", "https://new.example.com:8443"),
        ("https://old.example.com", "http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_link_leads_to_another_instance_where_people_find_that(host: str, base_url: str, leads_to: str) -> None:
    assert led_to(host, address(base_url)) == leads_to
