"""Which fields of an integration are compared: its parameters; of secret ones only whether they are set. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.families.shape import Reading, Shape


def _integration(integration: Mapping[str, Any], _reading: Reading) -> dict[str, Any]:
    """Return an integration as it is written: of a parameter null is ignored and "" clears it (OpenAPI 4.0.26.12)."""
    params = integration.get("params") or []
    return {
        **integration,
        "params": [_param(parameter) for parameter in params if parameter.get("name")],
        "secrets": [
            parameter["name"] for parameter in params if parameter.get("sensitive") and parameter.get("has_value")
        ],
    }


def _param(one: Mapping[str, Any]) -> dict[str, Any]:
    named = {"name": one["name"], "user_attribute_name": one.get("user_attribute_name")}
    return named if one.get("sensitive") else {**named, "value": one.get("value") or ""}


SHAPES = {"integrations": Shape(shaped=_integration)}
