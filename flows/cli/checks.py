"""The checks of `check`, and the facts that `info` prints."""

from __future__ import annotations

import importlib.metadata
import platform
import sqlite3
import threading
from pathlib import Path
from typing import Any

import msgspec

from flows.cli.connection import reaching_settings
from lookervault_core.errors import ConfigurationError, LookerVaultError, WrongInstance
from lookervault_core.settings import Settings, load_settings

PACKAGES = ("lookervault", "prefect", "looker-sdk", "msgspec", "sqlite-utils", "zstandard")


class Check(msgspec.Struct, frozen=True):
    """One thing that was tried: `ok`, `failed` or `not tried`, and what to know or do."""

    name: str
    result: str
    detail: str
    exit_code: int = 0


def run_checks(config: Path | None, db_path: Path | None, credentials_block: str | None = None) -> list[Check]:
    """Try settings, vault, login and rights, in the order in which a run needs them."""
    try:
        settings = load_settings(config, db_path=db_path, credentials_block=credentials_block)
    except ConfigurationError as error:
        return [Check("settings", "failed", str(error), error.exit_code)]
    found = [Check("settings", "ok", "read"), _vault(settings)]
    try:
        settings = reaching_settings(config, db_path=db_path, credentials_block=credentials_block)
        connection = settings.connection()
    except LookerVaultError as error:
        return [*found, Check("connection", "failed", str(error), error.exit_code)]
    return [
        *found,
        Check("connection", "ok", f"{connection.base_url}, client id {connection.client_id}"),
        *_instance(Path(settings.db_path), connection.base_url),
        *_looker(settings),
        *_offsite(settings),
    ]


def _offsite(settings: Settings) -> list[Check]:
    """Try the place for copies, if the settings name one."""
    if not settings.offsite_url:
        return []
    from lookervault_core.offsite import listing, recipients
    from lookervault_core.offsite.setting import store_of

    try:
        keys = recipients(settings.offsite_recipients)
        found = listing(store_of(settings))
    except LookerVaultError as error:
        return [Check("off-site", "failed", str(error), error.exit_code)]
    newest = f", the newest of {found.newest.created_at:%Y-%m-%d %H:%M} UTC" if found.newest else ""
    how = "encrypted" if keys else "NOT encrypted: LOOKERVAULT_OFFSITE_RECIPIENTS is not set"
    return [Check("off-site", "ok", f"{settings.offsite_url}: {len(found.copies)} copies{newest}; new ones are {how}")]


def _vault(settings: Settings) -> Check:
    from lookervault_core.vault import Vault

    path = Path(settings.db_path)
    if not path.exists():
        return Check("vault", "ok", f"{path} does not exist yet; the first extraction makes it")
    try:
        with Vault.open(path, read_only=True) as vault:
            owner, count = vault.instance_url or "no instance yet", len(vault.snapshots())
            return Check("vault", "ok", f"{path}: {count} {'snapshot' if count == 1 else 'snapshots'} of {owner}")
    except LookerVaultError as error:
        return Check("vault", "failed", str(error), error.exit_code)


def _instance(path: Path, base_url: str) -> list[Check]:
    """Return what is wrong if the vault is a backup of another instance than the one at *base_url*."""
    from lookervault_core.vault import Vault

    try:
        with Vault.open(path, read_only=True) as vault:
            if vault.is_of(base_url):
                return []
            told = (
                f"the vault is a backup of {vault.instance_url}, but {base_url} is configured: another --db-path backs "
                "that up, `restore … --target NAME` restores onto it"
            )
    except LookerVaultError:  # there is none yet, or what is wrong with it is told already
        return []
    return [Check("instance", "failed", told, WrongInstance.exit_code)]


def _looker(settings: Settings) -> list[Check]:
    from lookervault_core.extract.session import admitted, connected

    found: list[Check] = []
    try:
        with connected(settings, threading.Event()) as looker:
            looker.log_in()
            found.append(Check("login", "ok", "accepted"))
            release = admitted(looker)
            found.append(Check("rights", "ok", "the API user is an admin"))
            found.append(Check("release", "ok", release or "not told"))
    except LookerVaultError as error:
        found.append(Check("rights" if found else "login", "failed", str(error), error.exit_code))
    return found


def facts(config: Path | None, db_path: Path | None) -> dict[str, Any]:
    """Return the settings in force and the versions; no secret among them."""
    settings = load_settings(config, db_path=db_path)
    told: dict[str, Any] = {name: importlib.metadata.version(name) for name in PACKAGES}
    told |= {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    told |= {"base_url": settings.base_url, "client_id": settings.client_id}
    told |= {"client_secret": "set" if settings.client_secret else "not set"}
    told |= {
        "verify_ssl": str(settings.verify_ssl),
        "timeout_s": str(settings.timeout_s),
        "workers": str(settings.workers),
    }
    if settings.offsite_url:
        told |= {
            "offsite_url": settings.offsite_url,
            "offsite_recipients": ", ".join(settings.offsite_recipients) or "none",
        }
    return told | _vault_facts(Path(settings.db_path))


def _vault_facts(path: Path) -> dict[str, str]:
    from lookervault_core.vault import Vault

    if not path.exists():
        return {"vault": f"{path} (does not exist yet)"}
    with Vault.open(path, read_only=True) as vault:
        meta = vault.meta()
        return {
            "vault": str(path),
            "vault_id": meta["vault_id"],
            "vault_schema": meta["schema_version"],
            "instance": vault.instance_url or "none yet",
            "snapshots": str(len(vault.snapshots())),
        }
