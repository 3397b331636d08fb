"""What forms in the Prefect UI offer to choose from; a flow that is called itself also takes the singular."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from lookervault_core.catalog import CATALOG

_NAMES: list[JsonValue] = [*sorted(CATALOG)]
TypeName = Annotated[str, Field(json_schema_extra={"enum": _NAMES})]
