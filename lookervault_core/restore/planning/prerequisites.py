"""What must hold before anything is planned (the right vault, an admin, what this release of Looker takes), and what the plan
needs beyond itself: items that can come along. LookML models, connections and attributes cannot: they are warnings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from lookervault_core.catalog import CONTENT, WRITES, lies_in_trash
from lookervault_core.diff import description
from lookervault_core.diff.describe import called
from lookervault_core.diff.description import Description
from lookervault_core.diff.learned import Learned
from lookervault_core.diff.plan import Plan
from lookervault_core.diff.words import Names
from lookervault_core.errors import BlobDamaged, CodecError, LookerError, Missing, PermissionRefused, WrongInstance
from lookervault_core.families.folders.backed_up import owners_of_personal
from lookervault_core.families.roles.caller import caller_of
from lookervault_core.families.roles.guard import Caller
from lookervault_core.looker import sdk_models
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.request import item_of, with_own_parts
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


def in_trash(backup: Backup, destination: Destination, plan: Plan) -> dict[ContentKey, list[ContentKey]]:
    """Return, by what the plan makes or takes out of the trash, the dashboards and looks named in it that lie in the trash and did
    not when they were backed up."""
    named = {
        step.key: [one for one in destination.checked(backup.wanted(step.key)) if one.content_type in CONTENT]
        for step in plan.steps
        if step.action in ("create", "undelete")
    }
    comes = {step.key for step in plan.steps}
    asked = {one for ones in named.values() for one in ones if backup.has(one.content_type, one.id)} - comes
    for name in CONTENT:
        destination.read(name, [one.id for one in asked if one.content_type == name])
    trashed = {one for one in asked if _is_trashed_since(backup, destination, one)}
    found = {key: [one for one in ones if one in trashed] for key, ones in named.items()}
    return {key: ones for key, ones in found.items() if ones}


def _is_trashed_since(backup: Backup, destination: Destination, key: ContentKey) -> bool:
    try:
        wanted = backup.wanted(key)
    except (BlobDamaged, CodecError):
        return False
    found = destination.find(wanted)
    return found is not None and found.trashed and not lies_in_trash(wanted.decoded)


def told_of_trash(trashed: Mapping[ContentKey, Sequence[ContentKey]], names: Names) -> Iterator[str]:
    """Yield a warning for each object with something in it that lies in the trash."""
    for key, ones in trashed.items():
        shown = ", ".join(called(one.content_type, one.id, names) for one in ones)
        whole = called(key.content_type, key.id, names)
        yield f"{whole}: what it shows lies in the trash ({shown}); restore that too, or use --with-dependencies"


def dependencies(destination: Destination, plan: Plan, asked: set[ContentKey]) -> list[ContentKey]:
    """Return items of the backup that steps of *plan* need and that nobody has *asked* for yet."""
    backup = destination.backup
    needed = {item_of(backup, key) for step in plan.steps for key in step.needs}
    needed |= {key for keys in in_trash(backup, destination, plan).values() for key in keys}
    items = [key for key in needed if key is not None and key.content_type in WRITES]
    items += owners_of_personal(backup, items)
    return sorted({part for key in items for part in with_own_parts(backup, key)} - asked)
