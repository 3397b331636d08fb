"""The pages as a real browser shows them: drawings in place, nothing from elsewhere, narrow, by axe's rules, by keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault
from tests.browser import Tab, browser, needs_browser
from tests.conftest import until
from tests.simulated import capture
from tests.ui.conftest import AXE, TOKEN, Served, World, serving
from tests.ui.test_plans import reached, wrecked

__all__ = ("reached",)  # a fixture

pytestmark = needs_browser

BOXES = """[...document.querySelectorAll('.tab [data-element-id]')].map(tile => {
  const grid = tile.closest('.tab').querySelector('.cell').getBoundingClientRect(), box = tile.getBoundingClientRect()
  const unit = grid.width / 24, of = name => Number(tile.dataset[name])
  const rows = tile.closest('svg').viewBox.baseVal, scale = tile.closest('svg').getBoundingClientRect().width / rows.width
  return {column: (box.left - grid.left) / unit - of('column'), width: box.width / unit - of('width'),
    tall: box.height / scale / of('height'), top: (box.top - grid.top) / scale - of('row') * (box.height / scale / of('height'))}
})"""


@pytest.fixture(scope="module")
def tab(served: Served) -> Iterator[Tab]:
    with browser() as one:
        one.look()
        one.open(f"{served.url}/?token={TOKEN}")
        yield one


def go(tab: Tab, served: Served, page: str) -> None:
    tab.open(served.url + page)


def test_every_tile_is_where_its_component_says(tab: Tab, served: Served, world: World) -> None:
    tab.look(width=1280)
    for page in (f"/objects/dashboards/{world.edited}", f"/objects/dashboards/{world.edited}/compare"):
        go(tab, served, page)
        found = tab.run(BOXES)
        assert len(found) > 3
        talls = [one["tall"] for one in found]
        assert max(talls) - min(talls) < 0.2
        for one in found:
            assert [one["column"], one["width"], one["top"]] == pytest.approx([0, 0, 0], abs=0.2)


def test_every_page_fits_a_narrow_screen_fetches_nothing_elsewhere_and_keeps_axe_content(
    tab: Tab, served: Served, pages: Callable
) -> None:
    found: dict[str, Any] = {}
    for page in pages():
        tab.look(width=375, height=740)
        go(tab, served, page)
        assert tab.run("document.documentElement.scrollWidth") <= 375, page
        assert [url for url in tab.fetched() if not url.startswith(served.url)] == []
        assert [one for one in tab.complaints() if "404" not in one] == [], page
        assert tab.run("document.querySelectorAll('img, iframe, object').length") == 0
        found |= {f"{page} {scheme}": told for scheme in ("light", "dark") if (told := serious(tab, scheme))}
    assert found == {}


def serious(tab: Tab, scheme: str) -> list[Any]:
    """Return what axe finds on the page that is serious or worse; nothing where axe is not at hand."""
    if not AXE.exists():
        return []
    tab.look(dark=scheme == "dark")
    if not tab.run("'axe' in window"):
        tab.call("Runtime.evaluate", expression=AXE.read_text())
    told = tab.run("axe.run().then(all => JSON.stringify(all.violations.map(v => [v.impact, v.id, v.nodes[0].html])))")
    return [one for one in json.loads(told) if one[0] in ("serious", "critical")]


def test_the_keyboard_reaches_the_search_and_every_tile_that_changed(tab: Tab, served: Served, world: World) -> None:
    go(tab, served, f"/objects/dashboards/{world.edited}/compare")
    tab.press("Tab")
    assert tab.run("document.activeElement.className") == "skip"
    reached = []
    for _ in range(60):
        tab.press("Tab")
        reached.append(
            tab.run("document.activeElement.getAttribute('data-element-id') || document.activeElement.name || ''")
        )
    assert {"q", "a", "b", world.changed, world.moved, world.removed} <= set(reached)
    tab.run(f"document.querySelector('[data-element-id=\"{world.changed}\"]').focus()")
    tab.press("Enter")
    assert tab.run("location.hash") == f"#tile-{world.changed}"


def test_a_newcomer_finds_what_changed_by_whom_and_the_plan_to_put_a_tile_back_in_six_clicks(
    tab: Tab, reached: Path, backed_up: Vault, looker: Looker
) -> None:
    dashboard, changed, _ = wrecked(looker)
    capture(backed_up, looker)
    title = backed_up.item(ContentKey("dashboards", dashboard)).name
    with serving(reached, may_restore=True) as served:
        tab.look(width=375, height=740)
        tab.open(f"{served.url}/?token={TOKEN}")
        tab.run(f"document.querySelector('.find input').value = {json.dumps(title)}")
        clicks = (".find button", ".rows a", ".timeline .what", f"#tile-{changed} .deed button")
        for selector in clicks:
            tab.events.clear()
            tab.run(f"document.querySelector('{selector}').click()")
            tab.wait_until_loaded()
            if selector == ".timeline .what":
                shown = tab.run("document.body.innerText")
                assert "/compare" in tab.run("location.pathname")
                assert "Not what it was" in shown
                assert "@example.com changed" in shown
        until(lambda: tab.run("!!document.querySelector('.primary')"), look_every_s=0.5)  # the page follows by itself
        assert len(clicks) <= 6
        assert "the one that you asked for" in tab.run("document.body.innerText")
        assert tab.run("document.documentElement.scrollWidth") <= 375
        assert changed in tab.run(
            "[...document.querySelectorAll('[data-mark=changed]')].map(one => one.dataset.elementId)"
        )
        assert [serious(tab, scheme) for scheme in ("light", "dark")] == [[], []]
        assert [one for one in tab.complaints() if "404" not in one] == []
