"""Every field of what can be restored is compared, or stands in the table of those that are not: none can be forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from looker_simulator import SimulatorOptions, schema
from looker_simulator.api import Api
from lookervault_core.catalog import CATALOG, DOCUMENTS, WRITES, uncompared
from lookervault_core.catalog.payloads import NESTED, may_differ
from lookervault_core.codec import same_payload
from lookervault_core.families.settings.shape import SETTINGS

OFFICIAL = Path(__file__).parents[2].parent / "shared" / "looker-openapi-4.0.json"
# Where a field of the description has another name in a document, or several.
SHAPED = {
    "Agent": {"deleted"},
    "Board": {"deleted_at"},
    "Dashboard": {"certification_metadata", "deleted"},
    "DashboardElement": {"query", "result_maker"},
    "Look": {"certification_metadata", "deleted"},
    "LookWithQuery": {"certification_metadata", "deleted"},
    "User": {"credentials_email"},
    "ContentMetaGroupUser": {"group_id", "user_id", "permission_type"},
    "UserAttributeGroupValue": {"group_id", "value"},
    "UserAttributeWithValue": {"user_attribute_id", "value"},
    "ResultMakerWithIdVisConfigAndDynamicFields": {"filterables", "merge_result_id", "query", "sql_query_id"},
    "ProjectCISuite": {prop.name for prop in schema.shape("ProjectCISuite").values() if prop.writable}
    - {"webhook_secret"},
    "Query": {prop.name for prop in schema.shape("Query").values() if prop.writable} - {"client_id"},
    "MergeQuery": {prop.name for prop in schema.shape("MergeQuery").values() if prop.writable},
    "MergeQuerySourceQuery": {"merge_fields", "name"},
}
PARTS = {
    "dashboard_elements": "DashboardElement",
    "dashboard_filters": "DashboardFilter",
    "dashboard_layouts": "DashboardLayout",
    "dashboard_layout_components": "DashboardLayoutComponent",
    "board_sections": "BoardSection",
    "board_items": "BoardItem",
    "golden_queries": "GoldenQuery",
}
BY_ID_ALONE = (
    "group_users",
    "role_groups",
    "role_users",
    "default_theme",
    "default_themes",
    "default_color_collection",
)
YOUNGER = ["UserDbConnection", "ProjectCISuite"]
WITHIN = ("Query", "MergeQuery", "MergeQuerySourceQuery", "ResultMakerWithIdVisConfigAndDynamicFields")
# Structures that are compared as a whole, but for what the table leaves out.
KINDS = {
    name: PARTS.get(name) or CATALOG[name].payload for name in WRITES if name not in BY_ID_ALONE and name != SETTINGS
} | {one: one for one in WITHIN}


def classes(content_type: str, schema_name: str, field: str) -> list[str]:
    """Return in which classes a field is; there should be one."""
    facts = WRITES.get(content_type)
    compared = set(SHAPED.get(schema_name, ()))
    if facts is not None:
        compared |= {*facts.writable, *facts.forced, *facts.unsent, *(child.field for child in facts.children)}
    row = uncompared.why(schema_name, field)
    return ["compared"] * (field in compared) + ([row.kind] if row is not None else [])


def unclassed(names: dict[str, list[str]]) -> list[str]:
    return [
        f"{schema_name}.{field}: {classes(content_type, schema_name, field)}"
        for content_type, schema_name in KINDS.items()
        for field in names[schema_name]
        if len(classes(content_type, schema_name, field)) != 1
    ]


def test_every_field_that_the_simulator_describes_is_in_exactly_one_class():
    api = Api(SimulatorOptions())
    assert unclassed({name: list(api.properties(name)) for name in KINDS.values()}) == []


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official description is not at hand")
def test_every_field_of_the_official_description_is_in_exactly_one_class():
    schemas = json.loads(OFFICIAL.read_text())["components"]["schemas"]
    older = {name: schemas.get(name, {"properties": ()}) for name in KINDS.values()}
    assert [name for name in older if not older[name]["properties"]] == YOUNGER
    assert unclassed({name: list(one["properties"]) for name, one in older.items()}) == []


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official description is not at hand")
@pytest.mark.parametrize("name", [name for name, one in DOCUMENTS.items() if one.write and one.schema])
def test_of_a_document_of_settings_what_nobody_can_write_is_left_out_or_named(name):
    """All else that it shows is compared."""
    schemas = json.loads(OFFICIAL.read_text())["components"]["schemas"]
    document = DOCUMENTS[name]
    if document.schema not in schemas:
        pytest.skip("it is younger than the description")
    fields = schemas[document.schema]["properties"]
    known = {*document.unshown, *document.never}
    assert {field for field, one in fields.items() if one.get("readOnly")} - known == set()
    assert {path.partition(".")[0] for path in known} - fields.keys() - {
        "can",
        "url",
        "modified_at",
        "modified_by",
        "test_slug",
    } == set()


def test_every_row_of_the_table_names_a_field_that_there_is_and_has_a_reason():
    shapes = {name: set(schema.shape(name)) for name in schema.shape_names()}
    for row in uncompared.UNCOMPARED:
        assert len(row.reason) > 10
        for name, fields in row.fields.items():
            others = {one for one, known in uncompared.SAME.items() if known == name}
            known = set().union(*(shapes.get(one, set()) for one in {name, *others})) if name != "*" else {"can", "id"}
            assert set(fields.split()) <= known | NOT_IN_26_12, (name, fields)


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official description is not at hand")
def test_every_field_that_is_only_written_is_written_by_a_restore_or_stands_in_the_table():
    """Also one of an object within an object, and of what is an archive."""
    schemas = json.loads(OFFICIAL.read_text())["components"]["schemas"]
    waiting = (
        [row.payload for row in CATALOG.values()] + [one.schema for one in DOCUMENTS.values()] + list(KINDS.values())
    )
    written = {(facts.schema, field) for facts in WRITES.values() for field in facts.writable}
    by_document = {ref.field for ref in WRITES[SETTINGS].references}
    seen, unnamed = set(), []
    while waiting:
        name = waiting.pop()
        if name in seen or name not in schemas:
            continue
        seen.add(name)
        for field, prop in schemas[name]["properties"].items():
            if uncompared.why(name, field) is not None:
                continue
            if prop.get("x-looker-write-only") and (name, field) not in written and field not in by_document:
                unnamed.append(f"{name}.{field}")
            waiting += [one["$ref"].rpartition("/")[2] for one in (prop, prop.get("items") or {}) if "$ref" in one]
    assert (unnamed, "DBConnectionOverride" in seen) == ([], True)


NOT_IN_26_12 = {"content_title", "is_service_account", "last_run_status"}


def test_every_type_has_a_schema_and_every_place_in_it_leads_to_one():
    assert {name for name, row in CATALOG.items() if not row.payload} == {"explores", "dashboard_images", SETTINGS}
    shapes = set(schema.shape_names()) | {"ResultMaker"}
    assert {
        *(row.payload for row in CATALOG.values() if row.payload),
        *NESTED,
        *(one for inner in NESTED.values() for one in inner.values()),
    } <= shapes


@pytest.mark.parametrize("path", ["can", "view_count", "dashboard_elements.can", "dashboard_elements.look.view_count",
                                  "dashboard_elements.result_maker.query.share_url",
                                  "dashboard_layouts.dashboard_layout_components.can", "folder.child_count"])  # fmt: skip
def test_what_looker_changes_by_itself_is_known_at_its_place(path):
    assert path in may_differ("Dashboard")


def test_what_lookers_pages_note_of_their_user_is_no_change():
    def payload(by_itself: int) -> bytes:
        noted = {"homepageGroupIdx": str(by_itself)}
        return json.dumps({"id": "1", "ui_state": noted, "models_dir_validated": by_itself > 1}).encode()

    assert same_payload(payload(1), payload(2), may_differ("User"))


@pytest.mark.parametrize("key", ["can", "followed", "view_count", "sessions", "share_url"])
def test_a_key_of_that_name_in_the_settings_of_a_chart_counts(key):
    def payload(settings: dict[str, object], by_itself: int) -> bytes:
        query = {"can": {"show": by_itself}, "vis_config": {"deep": [settings]}}
        tile = {"id": "2", "query": query, "alert_count": by_itself}
        return json.dumps({"id": "1", "view_count": by_itself, "dashboard_elements": [tile]}).encode()

    volatile = may_differ("Dashboard")
    assert same_payload(payload({key: 1}, 1), payload({key: 1}, 2), volatile)
    assert not same_payload(payload({key: 1}, 1), payload({key: 2}, 1), volatile)
    assert not same_payload(payload({key: 1}, 1), payload({}, 1), volatile)
