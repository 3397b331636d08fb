"""Whatever holds ids and can be written is known to name something, or is named on another instance: none is copied blindly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from looker_simulator import SimulatorOptions
from looker_simulator.api import Api
from lookervault_core.catalog import CATALOG, DOCUMENTS, WRITES, uncompared
from lookervault_core.catalog.vocabulary import WriteFacts
from lookervault_core.diff.comparing.taken import foreign_ids
from lookervault_core.families.inside import ROWS
from lookervault_core.families.settings.shape import SETTINGS

OFFICIAL = Path(__file__).parents[2].parent / "shared" / "looker-openapi-4.0.json"
NAMES_SOME = re.compile(r"_ids?$|_folders$")
# The same on every instance: they come from LookML, from a cloud, or from a provider of sign-ins.
SAME_EVERYWHERE = {
    "lookml_dashboard_id": "model::dashboard",
    "lookml_link_id": "model::dashboard",
    "extension_id": "project::extension",
    "bq_storage_project_id": "a project of Google's",
    "client_id": "what the provider calls the client",
    "tenant_id": "what the provider calls the tenant",
    "user_attribute_map_ldap_id": "a name in the directory",
}
# What stands in another object's payload and is written with that one.
OF_OTHERS = ("folder.", "look.", "result_maker.")


class Field(NamedTuple):
    """A field that can be written, and the schema of what stands in it, if that has one."""

    name: str
    inner: str


Read = Callable[[str], Iterator[Field]]


def of_simulator(release: str) -> Read:
    api = Api(SimulatorOptions(release=release))

    def fields(schema: str) -> Iterator[Field]:
        for name, prop in api.properties(schema).items():
            inner = prop.type.strip("[]{}")
            if prop.writable:
                yield Field(name, inner if inner[:1].isupper() else "")

    return fields


def of_official() -> Read:
    if not OFFICIAL.exists():
        pytest.skip("the official description is not at hand")
    schemas = json.loads(OFFICIAL.read_text())["components"]["schemas"]

    def fields(schema: str) -> Iterator[Field]:
        for name, prop in schemas.get(schema, {}).get("properties", {}).items():
            if not prop.get("readOnly"):
                found = re.search(r'"#/components/schemas/(\w+)"', json.dumps(prop))
                yield Field(name, found[1] if found else "")

    return fields


def written(read: Read, schema: str, path: str = "", seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Yield schema and path of each field that can be written, however deep."""
    try:
        fields = list(read(schema))
    except KeyError:  # younger than the description
        return
    for one in fields:
        yield schema, path + one.name
        if one.inner and one.inner not in seen:
            yield from written(read, one.inner, f"{path}{one.name}.", seen | {one.inner})


def schema_of(facts: WriteFacts) -> str:
    row = CATALOG.get(facts.name)
    return facts.schema or (row.payload if row is not None else "")


def blindly_copied(read: Read, content_type: str, schema: str, away: Mapping[str, str]) -> set[str]:
    facts = WRITES[content_type]
    known = {ref.path.replace("[]", "").removeprefix(f"{ROWS}.") for ref in facts.references}
    linked = {f"{child.field.removesuffix('ies')}y_ids" for child in facts.children if child.is_linked}
    found = {
        path
        for owner, path in written(read, schema)
        if NAMES_SOME.search(path)
        and not path.startswith(OF_OTHERS)
        and not uncompared.why(owner, path.rpartition(".")[2])
    }
    found = {path for path in found if path.rpartition(".")[2] not in SAME_EVERYWHERE}
    return {path for path in found - known - linked if path not in away and not foreign_ids(content_type, path)}


@pytest.mark.parametrize("release", ["26.4", "26.12", "26.22", "official"])
def test_every_id_that_can_be_written_is_mapped_or_named_on_another_instance(release: str) -> None:
    read = of_official() if release == "official" else of_simulator(release)
    kinds = [(name, schema_of(facts), facts.away) for name, facts in WRITES.items() if name != SETTINGS]
    kinds += [(SETTINGS, one.schema, {**one.away, **one.never}) for one in DOCUMENTS.values() if one.write]
    blind = {(name, path) for name, schema, away in kinds for path in blindly_copied(read, name, schema, away)}
    assert blind == set()


def test_a_field_of_ids_that_the_catalog_forgets_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = WRITES["ci_suites"]
    monkeypatch.setitem(WRITES, "ci_suites", msgspec.structs.replace(facts, references=facts.references[:1]))
    found = blindly_copied(of_simulator("26.22"), "ci_suites", schema_of(facts), {})
    assert found == {f"content_validator_config_{word}_folders" for word in ("exclude", "include")}
