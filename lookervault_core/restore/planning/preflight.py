"""What must hold before anything is planned: the right vault, an admin, and what this release of Looker takes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lookervault_core.diff import description
from lookervault_core.diff.description import Description
from lookervault_core.diff.learned import Learned
from lookervault_core.errors import CodecError, LookerError, Missing, PermissionRefused, WrongInstance
from lookervault_core.families.roles.caller import caller_of
from lookervault_core.families.roles.guard import Caller
from lookervault_core.looker import sdk_models
from lookervault_core.looker.client import Looker
from lookervault_core.vault import Vault


class Preflight(msgspec.Struct, frozen=True):
    """What is known of the destination; `learned` is what it takes."""

    release: str
    caller: Caller
    learned: Learned
    same_instance: bool
    warnings: tuple[str, ...] = ()


def preflight(
    vault: Vault, looker: Looker, target: str | None, types: Iterable[str], described: bytes | None = None
) -> Preflight:
    """Return what is known of the destination; *described* is what the instance of the backup said of its API then. Raises
    WrongInstance and PermissionRefused before anything is read or written."""
    base_url = looker.connection.base_url
    is_same = vault.is_of(base_url)
    if not is_same and target is None:
        raise WrongInstance(
            f"the vault is a backup of {vault.instance_url}, but {base_url} is what is configured; "
            "to restore onto another instance name it with --target"
        )
    if not _is_admin_user(looker):
        raise PermissionRefused(
            f"{base_url}: the API user is not an admin, so what it may not see would look deleted; "
            "use an API key of a user with the Admin role",
            status=403,
        )
    learned, warnings = learn(looker, described)
    return Preflight(looker.release, caller_of(looker, types), learned, is_same, warnings)


def _is_admin_user(looker: Looker) -> bool:
    """Looker may hide the very roles that say so from whoever does not have them."""
    try:
        return looker.is_admin()
    except (Missing, PermissionRefused):
        return False


def learn(looker: Looker, described: bytes | None) -> tuple[Learned, tuple[str, ...]]:
    """Return what the destination takes by its own description, and a warning where something else has to stand in for that."""
    newest = sdk_models.description()
    then = _read_then(described)
    try:
        here = description.read(looker.described())
    except (LookerError, CodecError) as exc:
        return Learned(then=then, newest=newest), (f"this instance does not describe its API ({exc}); {_stands_in()}",)
    if here.is_empty:
        return Learned(then=then, newest=newest), (f"the description of this instance names no fields; {_stands_in()}",)
    return Learned(here, then, newest), ()


def _read_then(described: bytes | None) -> Description:
    try:
        return description.read(described) if described is not None else Description()
    except CodecError:
        return Description()


def _stands_in() -> str:
    return f"what the SDK knows of release {sdk_models.release()} stands in for it"
