"""The pages of `lookervault ui`: what they show, to whom, and that what users wrote is data there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from lookervault_core.errors import VaultReadOnly
from lookervault_core.vault import Vault
from tests.conftest import until
from tests.ui.conftest import HOSTILE, TOKEN, Served, World, serving

Pages = Callable[[], list[str]]


def test_without_the_token_nothing_is_shown(served: Served, pages: Pages) -> None:
    for page in [*pages(), "/static/ui.css", "/drawing.css"]:
        for cookies in ({}, {f"lookervault-{served.port}": "wrong"}, {"token": TOKEN}):
            refused = httpx.get(served.url + page, cookies=cookies)
            assert refused.status_code == 403
            assert "LookerVault</a>" not in refused.text
    assert httpx.get(f"{served.url}/?token=wrong").status_code == 403


def test_the_token_becomes_a_cookie_that_no_other_site_can_use_and_leaves_the_address(served: Served) -> None:
    answer = httpx.get(f"{served.url}//elsewhere.example/search", params={"token": TOKEN, "q": "a b"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/elsewhere.example/search?q=a+b")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:{port}"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1.evil.example:{port}"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_another_host_or_origin_is_refused_even_with_the_token(served: Served, headers: dict[str, str]) -> None:
    sent = {name: value.format(port=served.port) for name, value in headers.items()}
    for page in ("/", f"/?token={TOKEN}", "/static/ui.css"):
        assert served.client.get(page, headers=sent, follow_redirects=False).status_code == 403


def test_our_own_names_are_not_refused(served: Served) -> None:
    for host in ("127.0.0.1", "localhost"):
        given = {"Host": f"{host}:{served.port}", "Origin": f"http://{host}:{served.port}"}
        assert served.client.get("/", headers=given).status_code == 200


def test_every_page_is_kept_to_itself_and_asks_for_nothing_elsewhere(served: Served, pages: Pages) -> None:
    for page in pages():
        answer = served.client.get(page)
        assert answer.status_code == (404 if page == "/nowhere" else 200), page
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        linked = re.findall(r'(?:src|href|action)="([^"]*)"', answer.text)
        assert [one for one in linked if not one.startswith(("/", "#", "?"))] == []
        assert not re.search(r'<script(?! src="/static/)|\son\w+=|style=|javascript:', _without_data(answer.text))


def _without_data(page: str) -> str:
    return page.replace("&lt;img src=x onerror=alert(1)&gt;", "")


def test_what_users_wrote_is_text_on_every_page(served: Served, pages: Pages, world: World) -> None:
    shown = [served.client.get(page).text for page in pages()]
    assert any("&lt;img src=x onerror=alert(1)&gt;" in page for page in shown)
    for page in shown:
        assert "<img" not in page
        assert "\u202e" not in page
    (found,) = [one for one in pages() if one == f"/objects/dashboards/{world.hostile}"]
    assert served.client.get(found).text.count("W" * 1_000) == 0
    assert HOSTILE[:3] not in served.client.get("/search", params={"q": HOSTILE}).text


def test_a_page_that_nobody_can_write_to(served: Served) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert served.client.request(method, "/").status_code == 405
    with pytest.raises(VaultReadOnly), served.site.vault.read() as db:
        db.execute("DELETE FROM snapshots")


def test_the_start_shows_the_nights(served: Served) -> None:
    shown = served.client.get("/").text
    assert 'data-day="2026-11-28"' in shown
    assert all(title in shown for title in ("Objects", "Changes a night", "Payloads kept", "Calls to Looker", "Holes"))
    assert 'href="/snapshots/3"' in shown


def test_a_dashboard_is_found_by_its_title_and_shows_its_history(served: Served, world: World) -> None:
    found = served.client.get("/search", params={"q": "exec over"}).text
    assert f'href="/objects/dashboards/{world.edited}"' in found
    shown = served.client.get(f"/objects/dashboards/{world.edited}").text
    assert "Exec Overview, broken" in shown
    assert f"/objects/dashboards/{world.edited}/compare?a=1&amp;b=2" in shown
    assert 'data-element-id="' in shown
    assert re.search(r'class="what" href="[^"]*">[^<]*changed [^<]*tile', shown, re.IGNORECASE), "in a sentence"


def test_what_was_called_otherwise_once_or_is_gone_is_found_too(served: Served, world: World) -> None:
    shown = served.client.get("/search", params={"q": "known so"}).text
    assert f'href="/objects/looks/{world.renamed}"' in shown
    assert "now called Called otherwise" in shown
    assert "not in the newest snapshot" in served.client.get("/search", params={"q": "100%_the"}).text
    assert "Nothing in the newest" in served.client.get("/search", params={"q": "_nown"}).text


def test_a_text_in_an_object_is_found_with_what_stands_around_it(served: Served, world: World) -> None:
    shown = served.client.get("/search", params={"q": "orders.created"}).text
    assert "In a text or a field" in shown
    assert re.search(r'class="where">[^<]*orders\.created', shown)


def test_two_versions_stand_side_by_side_with_what_became_of_each_tile(served: Served, world: World) -> None:
    shown = served.client.get(f"/objects/dashboards/{world.edited}/compare").text
    before, after = re.findall(r'<svg[^>]*class="drawing".*?</svg>', shown, re.DOTALL)
    marks = [dict(re.findall(r'data-element-id="(\d+)"[^>]*data-mark="(\w+)"', one)) for one in (before, after)]
    assert marks[1] == {world.changed: "changed", world.moved: "moved"}
    assert marks[0] == marks[1] | {world.removed: "removed"}
    assert all(f'id="tile-{tile}"' in shown and f'href="#tile-{tile}"' in shown for tile in marks[0])
    assert "Not what it was" in shown
    assert "places[" not in shown, "a place is told with its tile"
    assert "Exec Overview, broken" in shown


@pytest.mark.parametrize(
    "page",
    ["/snapshots/999", "/objects/dashboards/999", "/objects/nothing/1", "/objects/dashboards/1?snapshot=x",
     "/objects/dashboards/1/compare?a=99999&b=1", "/folders/999", "/types/nothing", "/types/themes?page=x", "/%00"],
)  # fmt: skip
def test_what_is_not_there_is_said_on_a_page(served: Served, page: str) -> None:
    answer = served.client.get(page)
    assert answer.status_code in (200, 400, 404)
    assert "LookerVault</a>" in answer.text


def test_an_empty_vault_has_pages_too(tmp_path: Path) -> None:
    Vault.create_or_open(tmp_path / "empty.db").close()
    with serving(tmp_path / "empty.db") as served:
        for page in ("/", "/snapshots", "/folders", "/types", "/types/dashboards", "/search?q=a"):
            assert served.client.get(page).status_code == 200, page
        assert "takes the first snapshot" in served.client.get("/").text


def test_a_snapshot_that_came_later_is_shown(world: World, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    with Vault.open(world.path, read_only=True) as kept, kept.read() as db, closing(sqlite3.connect(path)) as copy:
        db.execute("COMMIT")
        db.backup(copy)
        db.execute("BEGIN")
    with serving(path) as served:
        assert 'href="/snapshots/4"' not in served.client.get("/").text
        with Vault.open(path) as vault:
            session = vault.begin_session(["themes"])
            vault.close_snapshot(session.session_id)
        until(lambda: 'href="/snapshots/4"' in served.client.get("/").text)
