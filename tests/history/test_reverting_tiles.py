"""A tile and its place on the dashboard are one thing to who takes a change back."""

from __future__ import annotations

from lookervault_core.history.reverting import reverting
from lookervault_core.restore.runs import restore
from tests.history.test_reverting import Place, change_of, place
from tests.restore.test_edits_since import patch
from tests.restore.test_taking_back import post
from tests.simulated import capture

__all__ = ("place",)  # a fixture


def test_a_tile_that_stays_keeps_its_place_and_no_other_gives_up_its_own(place: Place) -> None:
    board, world = place.ids["board"], place.world

    def added(title: str) -> str:
        return post(place.looker, "/dashboard_elements", dashboard_id=board, type="text", title_text=title)["id"]

    def places() -> set[str]:
        return {row["dashboard_element_id"] for row in world["dashboard_layout_components"] if not row.get("deleted")}

    made = added("Made")
    assert made in places()
    capture(place.vault, place.looker)
    change = change_of(place)
    patch(place.looker, f"/dashboard_elements/{made}", title_text="Edited since")
    stays = reverting(place.vault, place.looker, [change])
    assert [one.path for one in stays.conflicts] == [f"dashboard_elements[{made}]"]
    restore(stays.run)
    assert made in places(), "an edited tile that nobody can see is no tile left alone"

    place.looker.delete("delete_dashboard_element", f"/dashboard_elements/{made}")
    other = added("Of somebody else")
    gone = reverting(place.vault, place.looker, [change])
    assert (gone.conflicts, gone.run.plan().changes_anything) == ((), False)
    assert other in places()
