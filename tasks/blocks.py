"""The connection as a typed Prefect block, for those who keep secrets there."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from prefect.blocks.core import Block
from prefect.exceptions import ObjectNotFound
from pydantic import Field, SecretStr

from lookervault_core.errors import ConfigurationError
from lookervault_core.settings import Settings, load_settings


class LookerCredentials(Block):
    """Where a Looker instance is and the API key of an admin on it."""

    _block_type_name = "Looker Credentials"
    _block_type_slug = "looker-credentials"

    base_url: str = Field(description="The instance, e.g. https://example.cloud.looker.com")
    client_id: SecretStr = Field(description="Client id of the API key")
    client_secret: SecretStr = Field(description="Client secret of the API key")
    verify_ssl: bool = Field(default=True, description="Verify the TLS certificate")


def reaching_settings(config: str | Path | None, **given: Any) -> Settings:
    """Return the settings in force, with the connection of the block that they name, if any. Raises ConfigurationError if there is
    no such block."""
    config = Path(config) if config else None
    settings = load_settings(config, **given)
    if not settings.credentials_block:
        return settings
    return load_settings(config, **given, **_connection_options(settings.credentials_block))


def _connection_options(block: str) -> dict[str, Any]:
    """Return the settings that the block called *block* holds. Raises ConfigurationError if there is no such block."""
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
