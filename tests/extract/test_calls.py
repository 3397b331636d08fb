"""What a night costs in calls, where nothing changed; the same on any machine (`benchmarks/calls.py` for larger instances)."""

from __future__ import annotations

from benchmarks.calls import measured, of_settings
from looker_simulator import SimulatorOptions

# What no listing proves unchanged, so that a full run asks for each: see docs/decisions/0015.
WITHOUT_PROOF = {
    "all_content_metadata_accesses",
    "user_attribute_user_values",
    "all_content_metadatas",
    "content_metadata",
    "all_user_attribute_group_values",
    "lookml_model_explore",
}
MOST_FOR_SETTINGS = 40
CEILINGS = {"first": 450, "full": 267, "incremental": 123, "poll": 7}


def test_no_run_costs_more_calls_than_it_did() -> None:
    found = measured(SimulatorOptions(scale="small"))
    total = {name: sum(calls.values()) for name, calls in found.items()}
    assert all(total[name] <= most for name, most in CEILINGS.items()), total
    again = {name for name, count in found["full"].items() if count > 10}
    assert again <= WITHOUT_PROOF | {"search_looks", "search_dashboards"}, (
        "a full run asks one by one only without a proof"
    )
    assert not WITHOUT_PROOF & found["incremental"].keys()
    assert of_settings(found["incremental"]) <= MOST_FOR_SETTINGS
