"""The order of a plan follows from the references of the catalog, and parents stand before their children."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookervault_core.catalog import CATALOG, WRITES, links_of, owner_of, restore_order
from lookervault_core.diff.planning.plan import Step, make_plan
from lookervault_core.diff.wording.describe import FieldChange

ORDER = restore_order()


def test_every_type_stands_after_all_that_it_refers_to():
    for name in ORDER:
        for ref in links_of(name):
            if ref.to and owner_of(ref.to) in ORDER and owner_of(ref.to) != name:
                assert ORDER.index(owner_of(ref.to)) < ORDER.index(name), f"{name}.{ref.path}"


def test_every_part_stands_after_its_owner():
    for name in ORDER:
        owner = CATALOG[name].targets_from
        if CATALOG[name].is_part and owner in ORDER:
            assert ORDER.index(owner) < ORDER.index(name)


def test_every_restorable_type_of_the_catalog_can_be_written():
    support = {"queries", "merge_queries"}  # made along with what shows them
    assert {name for name, row in CATALOG.items() if row.restorable} - support == set(ORDER)


@pytest.mark.parametrize("name", [name for name, facts in WRITES.items() if facts.schema])
def test_what_is_forced_or_late_is_a_field_that_documents_have(name):
    facts = WRITES[name]
    assert set(facts.late) <= set(facts.writable) | set(facts.forced)
    assert not set(facts.writable) & set(facts.forced)


STEPS = st.builds(
    Step,
    content_type=st.sampled_from(ORDER),
    id=st.integers(1, 50).map(str),
    name=st.text(max_size=3),
    action=st.sampled_from(["create", "update", "undelete", "skip", "conflict", "blocked"]),
    level=st.integers(0, 3),
    calls=st.integers(0, 9),
)


@given(st.lists(STEPS))
def test_a_plan_keeps_every_step_and_sorts_them(steps):
    plan = make_plan(steps)
    assert sorted(map(repr, plan.steps)) == sorted(map(repr, steps))
    ranks = [(ORDER.index(step.content_type), step.level) for step in plan.steps]
    assert ranks == sorted(ranks)
    assert plan.calls == sum(step.calls for step in steps)


@given(st.lists(STEPS))
def test_what_writes_is_what_a_type_lists_for_applying(steps):
    plan = make_plan(steps)
    listed = [step for name in plan.types() for step in plan.of(name)]
    assert listed == [step for step in plan.steps if step.action in ("create", "update", "undelete")]


def test_a_plan_is_a_value_that_survives_json():
    step = Step("looks", "4", "Orders", "update", "4", (FieldChange("title", "a", msgspec.Raw(b"1.10")),))
    assert b"1.10" in msgspec.json.encode(make_plan([step]))
