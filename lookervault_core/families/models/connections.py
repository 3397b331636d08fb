"""Which connections a LookML model may use, if somebody chose them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog.tolerances import tolerates
from lookervault_core.families.shape import Shape

_NAMES = "allowed_db_connection_names"


def chosen(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a model to compare: without its connections if it may use every one, for Looker then lists all."""
    computed = model.get("unlimited_db_connections") is True and tolerates("not while", "lookml_models", _NAMES)
    return {key: value for key, value in model.items() if not (computed and key == _NAMES)}


SHAPES = {"lookml_models": Shape(shaped=lambda model, _: chosen(model))}
