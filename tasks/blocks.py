"""The connection as a typed Prefect block, for those who keep secrets there."""

from __future__ import annotations

from typing import Any, cast

from prefect.blocks.core import Block
from prefect.exceptions import ObjectNotFound
from pydantic import Field, SecretStr

from lookervault_core.errors import ConfigurationError


class LookerCredentials(Block):
    """Where a Looker instance is and the API key of an admin on it."""

    _block_type_name = "Looker Credentials"
    _block_type_slug = "looker-credentials"

    base_url: str = Field(description="The instance, e.g. https://example.cloud.looker.com")
    client_id: SecretStr = Field(description="Client id of the API key")
    client_secret: SecretStr = Field(description="Client secret of the API key")
    verify_ssl: bool = Field(default=True, description="Verify the TLS certificate")


def connection_options(block: str | None) -> dict[str, Any]:
    """Return the settings that the block called *block* holds, or none. Raises ConfigurationError if there is no such block."""
    if not block:
        return {}
    try:
        found = cast(LookerCredentials, LookerCredentials.load(block))
    except ValueError as exc:
        if not isinstance(exc.__cause__, ObjectNotFound):
            raise
        slug = LookerCredentials.get_block_type_slug()
        raise ConfigurationError(
            f"there is no block {slug}/{block} on the Prefect server; `prefect block register -m tasks.blocks`, then make "
            "it in the UI under Blocks"
        ) from None
    return {
        "base_url": found.base_url,
        "client_id": found.client_id.get_secret_value(),
        "client_secret": found.client_secret.get_secret_value(),
        "verify_ssl": found.verify_ssl,
    }
