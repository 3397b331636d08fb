"""The connection, and a vault with its place off-site and its retention, as typed Prefect blocks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from prefect.blocks.abstract import CredentialsBlock
from prefect.blocks.core import Block
from prefect.exceptions import ObjectNotFound
from pydantic import Field, SecretStr, field_validator

from lookervault_core.errors import ConfigurationError
from lookervault_core.settings import Settings, load_settings

if TYPE_CHECKING:
    from looker_sdk.sdk.api40.methods import Looker40SDK


class LookerCredentials(CredentialsBlock):
    """Where a Looker instance is and the API key of an admin on it."""

    _block_type_name = "Looker Credentials"
    _block_type_slug = "looker-credentials"

    base_url: str = Field(description="The instance, e.g. https://example.cloud.looker.com")
    client_id: SecretStr = Field(description="Client id of the API key")
    client_secret: SecretStr = Field(description="Client secret of the API key")
    verify_ssl: bool = Field(default=True, description="Verify the TLS certificate")

    def get_client(self) -> Looker40SDK:
        """Return a client of the official SDK for API 4.0 with this connection; it logs in at its first call."""
        from looker_sdk import init40
        from looker_sdk.rtl.api_settings import ApiSettings, SettingsConfig

        given: SettingsConfig = {
            "base_url": self.base_url,
            "client_id": self.client_id.get_secret_value(),
            "client_secret": self.client_secret.get_secret_value(),
            "verify_ssl": str(self.verify_ssl),
        }

        class Given(ApiSettings):
            def read_config(self) -> SettingsConfig:
                return given

        return init40(config_settings=Given())


class LookerVault(Block):
    """A vault: where it is, where its copies go, how many snapshots stay, and which Looker it is of."""

    _block_type_name = "Looker Vault"
    _block_type_slug = "looker-vault"

    db_path: str = Field(default="looker.db", description="The file of the vault on the worker's machine")
    offsite_url: str = Field(
        default="", description="Where copies are pushed, e.g. s3://bucket/path; else that of the worker"
    )
    keep_last: int = Field(default=0, ge=0, description="Keep the last so many snapshots")
    keep_daily: int = Field(default=14, ge=0, description="Keep the newest of so many days")
    keep_weekly: int = Field(default=8, ge=0, description="Keep the newest of so many weeks")
    keep_monthly: int = Field(default=12, ge=0, description="Keep the newest of so many months")
    max_calls: int = Field(
        default=0, ge=0, description="End a night after so many calls to Looker; 0: as the worker says"
    )
    monthly_calls: int = Field(
        default=0, ge=0, description="Spread the nights so that a month takes no more calls; 0: as the worker says"
    )
    credentials: LookerCredentials | None = Field(default=None, description="The connection; else that of the worker")

    @field_validator("offsite_url", mode="before")
    @classmethod
    def _no_place(cls, value: Any) -> Any:
        return value or ""


def of_vault_block(name: str | None) -> dict[str, Any]:
    """Return the settings in the Prefect block called *name*, by their names; {} without a name. Raises ConfigurationError if
    there is no such block."""
    if not name:
        return {}
    found = cast(LookerVault, _loaded(LookerVault, name))
    told: dict[str, Any] = found.model_dump(include={*_OF_VAULT, *_WHERE_SAID})
    told = {name: value for name, value in told.items() if value or name not in _WHERE_SAID}
    return told | {"credentials_block": found.credentials._block_document_name if found.credentials else None}


_OF_VAULT = ("db_path", "keep_last", "keep_daily", "keep_weekly", "keep_monthly")
_WHERE_SAID = ("offsite_url", "max_calls", "monthly_calls")  # what is empty there is as the worker has it


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
    found = cast(LookerCredentials, _loaded(LookerCredentials, block))
    return {
        "base_url": found.base_url,
        "client_id": found.client_id.get_secret_value(),
        "client_secret": found.client_secret.get_secret_value(),
        "verify_ssl": found.verify_ssl,
    }


def _loaded(kind: type[Block], name: str) -> Block:
    try:
        return cast(Block, kind.load(name))
    except ValueError as exc:
        if not isinstance(exc.__cause__, ObjectNotFound):
            raise
        raise ConfigurationError(
            f"there is no block {kind.get_block_type_slug()}/{name} on the Prefect server; "
            "`prefect block register -m tasks.blocks`, then make it in the UI under Blocks"
        ) from None
