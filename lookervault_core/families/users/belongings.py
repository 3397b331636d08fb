"""What the users own whom a restore removes: Looker trashes their content, and deletes its plans, their plans and alerts for
good."""

from __future__ import annotations

from functools import cached_property

from lookervault_core.catalog import CONTENT, DELIVERIES, lies_in_trash
from lookervault_core.diff.document import decode
from lookervault_core.families.folders.others import Others
from lookervault_core.families.users.outliving import Outliving, owner_field
from lookervault_core.model import ContentKey

_SENT = {"dashboards": "dashboard_id", "looks": "look_id"}


class Belongings:
    """Knows what users own now, and whether Looker would delete it together with them."""

    def __init__(self, others: Others, outliving: Outliving) -> None:
        self._others, self._outliving = others, outliving

    def owns_anything(self, user_id: str) -> bool:
        """Return whether Looker would trash or delete anything of a user, with that user, which this restore does not give to
        another."""
        bodies = ((key, decode(body)) for key, body in self._others.not_made((*CONTENT, *DELIVERIES)))
        owned = (key for key, body in bodies if str(body.get(owner_field(key.content_type))) == user_id)
        return not all(self._is_given_back(key, user_id) for key in owned)

    def _is_given_back(self, key: ContentKey, user_id: str) -> bool:
        """Return whether an undo gives what a user owns by now to somebody else who is there, puts it back into the trash, or, if
        nobody was there to own it, can take it out of there once the user is gone: no plan is lost with that. An alert without an
        owner has outlived one."""
        before = self._others.backup.readable(key.content_type, key.id)
        if before is None or lies_in_trash(before):
            return before is not None
        if self._outliving.had_no_owner(key):
            return key not in self._sent
        owner = self._others.destination.resolve("users", str(before.get(owner_field(key.content_type))))
        return owner is not None and owner != user_id

    @cached_property
    def _sent(self) -> set[ContentKey]:
        """The plans that stay, and the dashboards and looks that they send, but for what is sent only by plans that outlive an
        owner."""
        plans = {key: decode(body) for key, body in self._others.not_made(["scheduled_plans"])}
        lost = [body for key, body in plans.items() if not self._outliving.plan(key.id)]
        sent = {ContentKey(name, str(body.get(field))) for body in lost for name, field in _SENT.items()}
        return sent | plans.keys()
