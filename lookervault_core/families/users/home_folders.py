"""Users whom a restore leaves out, but whose home folder it recreates: they get their home folder back, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping

from lookervault_core.diff.difference import Difference
from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.plan import Plan
from lookervault_core.families.roles.guard import keep_only
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import body_of
from lookervault_core.restore.identity.resolver import Destination

HOME = "home_folder_id"
REASON = "its home folder is made anew"
_TOLD = 10


def homeless(destination: Destination, plan: Plan, asked: Container[ContentKey]) -> list[ContentKey]:
    """Return the users who are not *asked* for and whose home folder was deleted and is recreated, by this plan or before it.

    Looker sets their personal folder instead, or leaves the id of the deleted one; a user who has chosen another home keeps that.
    """
    anew = {step.id for step in plan.of("folders", writing=False) if _is_made_anew(destination, step.id)}
    if not anew:
        return []
    homes = {ContentKey("users", row): _home(destination, row) for row in destination.backup.rows("users")}
    lost = {key: home for key, home in homes.items() if home in anew and key not in asked}
    destination.read("users", [key.id for key in lost])
    return [key for key, home in lost.items() if _has_no_other(destination, key, home)]


def _is_made_anew(destination: Destination, folder_id: str) -> bool:
    is_pending = ContentKey("folders", folder_id) in destination.pending
    return is_pending or destination.renamed("folders", folder_id) not in (None, folder_id)


def _home(destination: Destination, user_id: str) -> str:
    return str((destination.backup.readable("users", user_id) or {}).get(HOME) or "")


def _has_no_other(destination: Destination, key: ContentKey, home: str) -> bool:
    live_id = destination.renamed("users", key.id) or key.id
    body = body_of(destination.live, destination.backup, "users", live_id)
    if body is None:
        return False
    user = decode(body)
    return str(user.get(HOME) or "") in ("", home, str(user.get("personal_folder_id") or ""))


def keep_home(difference: Difference, user_ids: Container[str]) -> None:
    """Take everything but the home folder out of the difference of a user of *user_ids* who is in Looker."""
    if difference.content_type == "users" and difference.live is not None and difference.source.id in user_ids:
        keep_only(difference, HOME)


def users(ids: Iterable[str]) -> list[ContentKey]:
    """Return the users with these *ids* as keys."""
    return [ContentKey("users", user_id) for user_id in ids]


def homes_alone(
    keys: Iterable[ContentKey], whole: Mapping[str, Container[str]], made: Mapping[ContentKey, str]
) -> tuple[str, ...]:
    """Return the users among *keys* who get only their home folder back: those not *made* by the restore, and not among the ids in
    *whole*, which has by type what was asked for. *made* gives the live id of each object that the restore made."""
    anew = {key for key, live_id in made.items() if key.id != live_id}
    ours = (key for key in keys if key.content_type == "users")
    return tuple(key.id for key in ours if key.id not in whole.get(key.content_type, ()) and key not in anew)


def left_homeless(keys: Collection[ContentKey]) -> Iterator[str]:
    """Yield one warning that names the users *keys*: they lost their home folder and the restore leaves them out."""
    if keys:
        ids = [key.id for key in keys]
        more = f" and {len(ids) - _TOLD} more" if len(ids) > _TOLD else ""
        yield (
            f"users {', '.join(ids[:_TOLD])}{more}: their home folder is made anew and users are left out, so they keep their "
            "personal folder; restore users too"
        )
