"""A description is read in each format that there is, and as far as it makes sense."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from looker_simulator import SimulatorOptions
from looker_simulator.api import Api
from looker_simulator.spec import document
from lookervault_core.diff.api.description import Description, Property, read
from lookervault_core.diff.api.fitting import Fitted, fitted, misfit
from lookervault_core.diff.api.learned import Learned, Standing
from lookervault_core.errors import CodecError
from lookervault_core.looker import sdk_models

NOWHERE = lambda _: ""  # noqa: E731


def described(properties: dict[str, Any], **schemas: dict[str, Any]) -> Description:
    named = {name: {"properties": one} for name, one in schemas.items()}
    return read(json.dumps({"definitions": {"Dashboard": {"properties": properties}} | named}).encode())


def test_both_formats_say_the_same():
    api = Api(SimulatorOptions(release="26.22", future=40))
    swagger, openapi = (read(json.dumps(document(api, (), openapi=one)).encode()) for one in (False, True))
    for name in ("Dashboard", "ThemeSettings", "Alert"):
        assert swagger.schema(name) == openapi.schema(name)


def test_what_a_call_takes_is_what_its_body_says():
    body = {"schema": {"$ref": "#/components/schemas/CreateFolder"}}
    call = {"operationId": "create_folder", "requestBody": {"content": {"application/json": body}}}
    schemas = {"CreateFolder": {"properties": {"name": {"type": "string"}}}, "Folder": {"properties": {"id": {}}}}
    raw = {"paths": {"/folders": {"post": call}}, "components": {"schemas": schemas}}
    assert set(read(json.dumps(raw).encode()).body("create_folder", "Folder") or ()) == {"name"}


def test_a_schema_for_writing_beside_the_one_for_reading_says_what_can_be_written():
    description = described({"title": {}, "style": {}}, WriteDashboard={"title": {"type": "string"}})
    assert set(description.body("update_dashboard", "Dashboard") or ()) == {"title"}
    learned = Learned(here=description)
    assert learned.standing("dashboards", "title") is Standing.WRITABLE
    assert learned.standing("dashboards", "style") is Standing.READ_ONLY


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"type": "string", "nullable": True}, Property("string", nullable=True)),
        ({"type": "string", "x-looker-nullable": False}, Property("string", nullable=False)),
        ({"type": ["string", "null"]}, Property("string", nullable=True)),
        ({"anyOf": [{"$ref": "#/d/Theme"}, {"type": "null"}]}, Property("object", "Theme", nullable=True)),
        ({"allOf": [{"$ref": "#/d/Theme"}], "readOnly": True}, Property("object", "Theme", read_only=True)),
        ({"type": "array", "items": {"$ref": "#/d/Theme"}}, Property("array", "Theme")),
        ({"type": "string", "enum": ["a", "b"]}, Property("string", choices=("a", "b"))),
        ({"type": "any"}, Property()),
        ({"type": 7, "readOnly": "yes", "enum": "a", "items": []}, Property()),
    ],
)
def test_a_field_is_what_its_words_say(said, meant):
    assert (described({"x": said}).schema("Dashboard") or {})["x"] == meant


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["definitions", "components", "schemas", "paths", "Dashboard", "properties", "$ref", "allOf", "type", "post",
                     "operationId", "parameters", "in", "body", "requestBody", "content"]), inner), max_leaves=30))  # fmt: skip
def test_whatever_it_is_made_of_it_is_read_or_refused(value):
    try:
        description = read(json.dumps(value).encode())
    except CodecError:
        return
    description.schema("Dashboard")
    description.body("update_dashboard", "Dashboard")


@pytest.mark.parametrize("raw", [b"", b"{", b"<html>", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_object_is_refused(raw):
    with pytest.raises(CodecError):
        read(raw)


def test_schemas_that_all_lead_to_each_other_are_looked_into_once_each():
    names = [f"S{n}" for n in range(40)]
    fields = {name: {"$ref": f"#/definitions/{name}"} for name in names}
    each = {"allOf": list(fields.values()), "properties": fields | {"more": {"type": "object"}}}
    description = read(json.dumps({"definitions": dict.fromkeys([*names, "Dashboard"], each)}).encode())
    assert len(description.schema("Dashboard") or {}) == len(names) + 1
    learned = Learned(here=description)
    assert learned.free_form("dashboards", "S0") >= {"more"}


def test_schemas_that_lead_in_a_circle_end():
    circle = {"allOf": [{"$ref": "#/definitions/Dashboard"}], "properties": {"x": {"type": "string"}}}
    assert read(json.dumps({"definitions": {"Dashboard": circle}}).encode()).schema("Dashboard")


def test_the_sdk_knows_what_can_be_written_in_its_release():
    learned = Learned(newest=sdk_models.description())
    assert learned.standing("dashboards", "style") is Standing.WRITABLE
    assert learned.standing("dashboard_elements", "images") is Standing.READ_ONLY
    assert learned.standing("dashboards", "quz_lom") is Standing.UNDESCRIBED
    assert learned.takes("folders") is not None


def test_what_only_the_instance_of_the_backup_knows_is_newer():
    learned = Learned(here=described({"title": {}}), then=described({"title": {}, "quz_lom": {}}))
    assert learned.standing("dashboards", "quz_lom") is Standing.NEWER
    assert learned.standing("dashboards", "vik_tuv") is Standing.UNDESCRIBED


def test_what_has_become_read_only_is_not_taken():
    learned = Learned(here=described({"quz_lom": {"readOnly": True}}), then=described({"quz_lom": {}}))
    assert learned.standing("dashboards", "quz_lom") is Standing.NOT_TAKEN


@pytest.mark.parametrize(
    ("prop", "value", "old", "fits"),
    [
        (Property("string"), "x", None, True),
        (Property("string"), 7, None, False),
        (Property("string"), 7, 6, True),  # Looker shows numbers there itself
        (Property("number"), 7, None, True),
        (Property("integer"), True, None, False),
        (Property("array"), {}, None, False),
        (Property("object"), "x", None, True),  # of an object that is described no further Looker means anything
        (Property("string", nullable=False), None, "x", False),
        (Property("string"), None, "x", True),
        (Property("string", choices=("a",)), "b", "b", False),
    ],
)
def test_a_value_fits_or_not(prop, value, old, fits):
    assert (misfit(prop, value, old) == "") is fits


JSON = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "b", ""])
OBJECTS = st.dictionaries(st.sampled_from("abcde"), JSON)
PROPERTIES = st.dictionaries(
    st.sampled_from("abcde"),
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "integer", "boolean"]),
            "readOnly": st.booleans(),
            "nullable": st.booleans(),
            "enum": st.just(["a", "b"]),
        },
    ),
    min_size=1,
)


@given(PROPERTIES, PROPERTIES, OBJECTS, OBJECTS)
def test_each_key_of_an_object_is_put_back_or_named_or_lookers_own(here, then, new, old):
    learned = Learned(here=described({"s": {}}, Settings=here), then=described({"s": {}}, Settings=then))
    found: Fitted = fitted(learned, Property("object", "Settings"), "s", new, old, foreign=NOWHERE)
    read_only = {key for key, said in here.items() if said.get("readOnly")}
    for key, value in new.items():
        back = found.new.get(key) == value and type(found.new.get(key)) is type(value)
        assert back or f"s.{key}" in found.lost or key in read_only, key
    assert not any(misfit((learned.shape("Settings") or {})[key], one, old.get(key)) for key, one in found.new.items()
                   if key in here and one != old.get(key))  # fmt: skip
