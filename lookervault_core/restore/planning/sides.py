"""The two sides of one restore and the rules between them; what must hold before a plan is made (the right vault, an admin, what
the release takes); and the answers to what comparing asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Container, Iterable, Mapping
from datetime import datetime
from functools import cached_property, partial
from itertools import takewhile
from typing import Any

import msgspec

from lookervault_core.catalog import LEADS_TO, WITH_SLUGS, WRITES
from lookervault_core.diff.api import description
from lookervault_core.diff.api.description import Description
from lookervault_core.diff.api.learned import Learned
from lookervault_core.diff.difference import NEW, Row, Rules
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.diff.known import Ask
from lookervault_core.diff.wording.describe import called
from lookervault_core.diff.wording.words import Names
from lookervault_core.errors import BlobDamaged, CodecError, LookerError, Missing, PermissionRefused, WrongInstance
from lookervault_core.families.appearance.elsewhere import Colors
from lookervault_core.families.boards.misplaced import MisplacedParts
from lookervault_core.families.groups.nesting import groups_around
from lookervault_core.families.known_names import KnownNames
from lookervault_core.families.roles.caller import caller_of
from lookervault_core.families.roles.guard import Caller
from lookervault_core.looker import sdk_models
from lookervault_core.looker.client import Looker
from lookervault_core.looker.instance import address, site
from lookervault_core.looker.settling import SETTLED
from lookervault_core.model import ContentKey, RefusedValue, Unkept
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live
from lookervault_core.restore.request import RestoreOptions, item_of
from lookervault_core.restore.undoing.by_journal import CREATES, Made, is_create
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import id_map, journal, restorations, unkept


class _Slugged(msgspec.Struct):
    slug: Any = None


_slugged = msgspec.json.Decoder(_Slugged)


class Leading:
    """Resolves links and colours for one restore onto another instance. Safe for any number of threads.

    It reads the destination's listing of each type that a link leads to, once, and makes no call for a single link.
    """

    def __init__(self, destination: Destination, names: Names) -> None:
        self._destination, self._names = destination, names
        self._lock = threading.Lock()
        self._colors = Colors(destination)
        self._slugs: dict[str, dict[str, str]] = {}

    def resolve(self, renamed: Resolve, content_type: str, item_id: str) -> str | None:
        """Return the destination's id of an object that a link or colour leads to, None if it has no match there.

        *renamed* gives the id of an object, `NEW` if it is still to be created."""
        if content_type in LEADS_TO["colors"]:
            return self._colors.resolve(partial(self._object, renamed), content_type, item_id)
        if content_type in WITH_SLUGS and not item_id.isdecimal():
            return self._slug(renamed, content_type, item_id)
        return self._object(renamed, content_type, item_id)

    def unmapped(self, content_type: str, item_id: str) -> str:
        """Return why a link or a colour is left as it is."""
        who = called(content_type, item_id, self._names)
        if content_type in LEADS_TO["colors"]:
            return f"{who} is not there: it is drawn in other colours"
        return f"{who} is not there: the link is left as it is, and may open something else"

    def _object(self, renamed: Resolve, content_type: str, item_id: str) -> str | None:
        destination, key = self._destination, ContentKey(content_type, item_id)
        if key in destination.pending:
            return renamed(content_type, item_id)
        if destination.backup.has(content_type, item_id) or destination.renamed(content_type, item_id):
            destination.live.rows(content_type)  # shows at once what is gone of the id map
            return destination.resolve(content_type, item_id)
        return None

    def _slug(self, renamed: Resolve, content_type: str, slug: str) -> str | None:
        """Return what an object is to be linked to by that the backup has under a slug. One that is made gets its slug."""
        with self._lock:
            if content_type not in self._slugs:
                self._slugs[content_type] = self._all_slugs(content_type)
        item_id = self._slugs[content_type].get(slug)
        if item_id is None:  # it led nowhere before
            return slug if self._destination.backup.is_whole(content_type) else None
        found = self._object(renamed, content_type, item_id)
        body = self._destination.live.get(content_type, found) if found not in (None, NEW) else None
        return found if found is None or (body and _slugged.decode(body).slug != slug) else slug

    def _all_slugs(self, content_type: str) -> dict[str, str]:
        backup, found = self._destination.backup, dict[str, str]()
        for item_id in backup.rows(content_type):
            try:
                slug = _slugged.decode(backup.payload(content_type, item_id)).slug
            except (BlobDamaged, CodecError, msgspec.DecodeError):  # its own step says so
                continue
            if slug:
                found[str(slug)] = item_id
        return found


class FromBothSides:
    """Answers for one restore: *resolve* gives the destination's id of an object, *renamed* the one that is known for sure."""

    def __init__(
        self,
        destination: Destination,
        misplaced_parts: MisplacedParts,
        leading: Leading,
        in_backup: Callable[[str, str], bool],
        stuck: Callable[[str, str], ContentKey | None],
        resolve: Resolve,
        renamed: Resolve,
    ) -> None:
        gone, moved = destination.gone, destination.moved
        self._answers: Mapping[Ask, Callable[..., Any]] = {
            Ask.ID: resolve,
            Ask.RENAMED: renamed,
            Ask.LEADS_TO: lambda *key: leading.resolve(renamed, *key),
            Ask.UNMAPPED: leading.unmapped,
            Ask.IN_BACKUP: in_backup,
            Ask.STILL: lambda name: moved.is_still(name) and gone.none_of(name),
            Ask.GONE: gone.is_gone,
            Ask.TRASHED: gone.is_trashed,
            Ask.ELSEWHERE: misplaced_parts.elsewhere,
            Ask.OF_ANOTHER: misplaced_parts.is_of_another,
            Ask.HELD: misplaced_parts.is_held,
            Ask.STUCK: stuck,
        }

    def answer(self, ask: Ask, *about: str) -> Any:
        """Return the answer to a question about a type and an id."""
        return self._answers[ask](*about)


class Sides:
    """The backup and the live objects. `target` names the destination in the vault; `copied` is the same as in `Rules`;
    `made_here` are the objects that restores have made on another instance, `written` those that an earlier attempt of this
    restore has written, `blocked` the items that the plan has blocked so far.

    In an undo, *made* is what its restore made, *kept* the nested objects of that which stay. *wanted* are the items to restore,
    by type."""

    def __init__(
        self,
        vault: Vault,
        looker: Looker,
        backup: Backup,
        facts: Preflight,
        options: RestoreOptions,
        *,
        session_id: str | None,
        made: Made | None,
        kept: Container[Row],
        wanted: Mapping[str, Collection[str]],
        sleep: Callable[[float], None],
    ) -> None:
        self.backup = backup
        self.facts = facts
        self.same_instance = facts.same_instance and options.target is None
        self.target = options.target or restorations.spelled(vault, looker.connection.base_url)
        self.copied = journal.copied_lists(vault, self.target)
        self._vault, self._options, self._made, self._kept = vault, options, made, kept
        self.made_here = journal.made_on(vault, self.target, CREATES) if not self.same_instance else frozenset()
        self._unkept = unkept.load(vault, self.target, facts.release)
        self._refused = unkept.load_refused(vault, self.target, facts.release)
        self._owner = str(looker.me()["id"]) if options.owner == "me" else None
        lately = journal.entries(vault, session_id, vault.now() - SETTLED) if session_id else []
        fresh = {(one.key.content_type, one.destination_id) for one in lately if one.destination_id and is_create(one)}
        self.live = Live(looker, options.workers, with_queries=not self.same_instance, fresh=fresh, sleep=sleep)
        unknown = journal.unknown_creates(vault, self.target)
        self._unsure = frozenset((one.key.content_type, one.key.id) for one in unknown if is_create(one))
        self.misplaced_parts = MisplacedParts(backup, self.live, self.renamed, wanted if self.same_instance else {})
        self._onto = address(looker.connection.base_url) if made is None and not self.same_instance else None
        self.destination = Destination(self.live, backup, self._known_ids(), self.rules())
        self._leading = Leading(self.destination, KnownNames(backup, self.live, same_instance=False))
        self.destination.leading = self.leading(self.renamed)
        self.destination.answers = self.planned()
        self.destination.gone.active = self.same_instance and made is None
        self.written: frozenset[ContentKey] = frozenset()
        self.blocked: set[ContentKey] = set()
        if session_id is not None:
            self.written = frozenset(journal.written_keys(vault, session_id))
            self.destination.there_before |= restorations.there_before(restorations.get(vault, session_id))
        for entry in unknown:
            began = restorations.get(vault, entry.session_id)
            self.destination.namesakes.orphans[entry.key] = restorations.there_before(began)
            self.destination.namesakes.sent_at[entry.key] = datetime.fromisoformat(entry.started_at)

    def _known_ids(self) -> dict[ContentKey, str]:
        """Return the id map; for an undo what has come about since the restore that it takes back, as by an earlier try of it: the
        state before that restore goes by the ids of its time."""
        if self._made is None:
            return {} if self._options.skip_id_mapping else id_map.load(self._vault, self.target)
        newest_first = (one.session_id for one in restorations.newest_first(self._vault))
        since = set(takewhile(lambda one: one != self._options.undo_of, newest_first))
        known = id_map.load(self._vault, self.target, since)
        return {key: one for key, one in known.items() if ContentKey(key.content_type, one) not in self._made.objects}

    @cached_property
    def me(self) -> dict[str, Any]:
        """The API user as Looker shows it."""
        return self.live.looker.me()

    @property
    def writes_logins(self) -> bool:
        """Return whether login settings may be written: if the options ask for it, or in an undo, which puts back what was
        written."""
        return self._made is not None or self._options.include_login_settings

    def rules(self) -> Rules:
        return Rules(
            exact=self._options.exact,
            made=self._made.rows if self._made is not None else None,
            removed=self._made.removed if self._made is not None else frozenset(),
            kept=self._kept,
            unsure=self._unsure,
            same_instance=self.same_instance,
            learned=self.facts.learned,
            permissions=self.facts.caller.permissions,
            site=site(self._vault.instance_url) if self._vault.instance_url else None,
            owner=self._owner,
            copied=self.copied,
            onto=self._onto,
            unkept=self._unkept,
            refused=self._refused,
        )

    def answers(self, resolve: Resolve, renamed: Resolve) -> FromBothSides:
        """Return the answers to what comparing asks; *resolve* gives the destination id, *renamed* the one known for sure."""
        return FromBothSides(
            self.destination, self.misplaced_parts, self._leading, self._in_backup, self._stuck, resolve, renamed
        )

    def planned(self) -> FromBothSides:
        """Return the answers to what comparing asks, for a plan: nothing is written yet."""
        return self.answers(self.destination.resolve, self.renamed)

    def leading(self, renamed: Resolve) -> Resolve:
        """Return a function that gives the id of an object that a link or a colour leads to."""
        return renamed if self._onto is None else lambda *key: self._leading.resolve(renamed, *key)

    def remember(self, session_id: str, blanks: Collection[Unkept], values: Mapping[RefusedValue, str]) -> None:
        """Note for later restores which values the destination does not keep as sent, and which it has refused."""
        unkept.put(self._vault, self.target, self.facts.release, session_id, blanks)
        unkept.put_refused(self._vault, self.target, self.facts.release, session_id, values)

    def renamed(self, content_type: str, item_id: str) -> str | None:
        """Return the destination's id of an object as far as it is known without a call, `NEW` if it is to be created, else
        None."""
        if ContentKey(content_type, item_id) in self.destination.pending:
            return NEW
        return self.destination.renamed(content_type, item_id)

    def _in_backup(self, content_type: str, item_id: str) -> bool:
        """Return whether a restore could bring an object along."""
        item = item_of(self.backup, ContentKey(content_type, item_id))
        return item is not None and item.content_type in WRITES

    def _stuck(self, content_type: str, item_id: str) -> ContentKey | None:
        """Return the item of the plan that an object is or is a part of, if that is blocked."""
        item = item_of(self.backup, ContentKey(content_type, item_id))
        return item if item in self.blocked else None

    def groups_around(self, group_id: str) -> set[str]:
        """Return the groups that a live group is in."""
        return groups_around(self.live, self.backup, group_id)


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
    """Return what the destination takes by its own description, and a warning if the SDK's has to be used instead."""
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
