"""Which fields of a look are compared: among them its query, by structure. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.families.folders.content import RENAMED, in_folder
from lookervault_core.families.queries.structure import query_structure
from lookervault_core.families.shape import Reading, Shape


def _look(look: Mapping[str, Any], _reading: Reading) -> dict[str, Any]:
    return {**in_folder(look), "query": query_structure(look.get("query"))}


def _written(names: set[str]) -> set[str]:
    return names | {"query"} if "query_id" in names else names


SHAPES = {"looks": Shape(shaped=_look, renamed=RENAMED, written=_written)}
