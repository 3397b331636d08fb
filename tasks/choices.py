"""The choices that forms in the Prefect UI offer; a flow called from Python also takes the singular of a type."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from lookervault_core.catalog import CATALOG

_NAMES: list[JsonValue] = [*sorted(CATALOG)]
TypeName = Annotated[str, Field(json_schema_extra={"enum": _NAMES})]
