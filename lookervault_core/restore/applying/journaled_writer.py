"""One write at a time: journalled before and after, never repeated blindly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from lookervault_core.catalog import WRITES, WriteCall, id_of, named_by
from lookervault_core.diff.document import decode, encode
from lookervault_core.errors import Conflict, Invalid, LookerError, Missing, NotConnected, RateLimited
from lookervault_core.looker.client import Looker, names_one
from lookervault_core.looker.settling import LOST_PAUSES_S, PAUSES_S
from lookervault_core.model import ContentKey
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import id_map, journal
from lookervault_core.vault.restoring.journal import UNKNOWN_TEXT, Outcome

# Looks for what a create may have made although its answer was lost; returns it as Looker shows it.
Search = Callable[[], dict[str, Any] | None]

PAUSE_S = 0.5


class Writer:
    """Sends the writes of one restore. Safe for any number of threads.

    `adopted` are the objects, as (type, live id), that creates without an answer turned out to have made.
    """

    def __init__(
        self,
        vault: Vault,
        looker: Looker,
        session_id: str,
        target: str,
        destination: Destination,
        *,
        max_retries: int,
        sleep: Callable[[float], None],
    ) -> None:
        self.vault = vault
        self.looker = looker
        self.session_id = session_id
        self.target = target
        self.destination = destination
        self._max_retries = max_retries
        self._sleep = sleep
        self._lock = threading.Lock()
        self._unknown: dict[tuple[ContentKey, str], int] = {}
        self._settled: list[journal.Settled] = []
        self._written: set[ContentKey] = set()
        self.adopted: set[tuple[str, str]] = set()
        self.writes = 0

    def take_over(self) -> None:
        """Find in the journal the creates that may have arrived although no answer was seen, of all restores onto the destination.

        Before such a create is sent again, its object is searched for. If the plan has met that object, it is adopted here."""
        for entry in journal.open_intents(self.vault, self.session_id):
            journal.conclude(self.vault, entry.entry_id, Outcome.UNKNOWN, text=UNKNOWN_TEXT)
        for entry in journal.unknown_creates(self.vault, self.target):
            live_id = self.destination.met(entry.key)
            if live_id is not None:
                journal.conclude(self.vault, entry.entry_id, Outcome.ADOPTED, live_id)
            elif entry.key in self.destination.pending:
                self._unknown[entry.key, entry.step] = entry.entry_id
        self._written |= journal.written_keys(self.vault, self.session_id)

    @property
    def is_unsure(self) -> bool:
        """Return whether an object that the restore is to create may exist already without being in the id map."""
        return bool(self._unknown)

    def has_written(self, key: ContentKey) -> bool:
        """Return whether this session, in this attempt or an earlier one, has sent a write for *key*."""
        return key in self._written

    def create(
        self,
        call: WriteCall,
        key: ContentKey,
        body: Any,
        *,
        search: Search,
        params: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """POST *body* for the item *key* and return the new object; its id enters the id map with the journal's outcome.

        Where an answer was lost, by this attempt or an earlier one, *search* decides whether there is anything to repeat.
        """
        unknown = self._unknown.pop((key, call.operation), None)
        if unknown is not None:
            made = self._look_for(unknown, call, key, search, "nothing of it is there")
            if made is not None:
                return self._adopt(self._intend(call, key, body), key, made)
        for attempt in range(self._max_retries + 1):
            entry = self._intend(call, key, body)
            try:
                made = decode(self._send(call, key, body, params=params))
            except LookerError as exc:
                lost = _may_have_arrived(exc)
                self._conclude_failed(entry, exc)
                found = self._look_for(entry, call, key, search, str(exc)) if lost else None
                if found is not None:
                    return self._adopt(entry, key, found)
                if not exc.transient or attempt == self._max_retries:
                    raise
                self._sleep(PAUSE_S * 2**attempt)
            else:
                return self._made(entry, key, made, Outcome.DONE)
        raise AssertionError("the loop returns or raises")

    def add(
        self, call: WriteCall, key: ContentKey, destination_id: str, body: Any, *, search: Search, other: str = ""
    ) -> dict[str, Any]:
        """POST a row of the list *key* and return it. A repeated call would add it twice, so after a lost answer *search* decides
        whether to send it again."""
        for attempt in range(self._max_retries + 1):
            entry = self._intend(call, key, body, destination_id, other)
            try:
                made = decode(self._send(call, key, body, destination_id))
            except LookerError as exc:
                self._conclude_failed(entry, exc)
                if _may_have_arrived(exc):
                    found = self._searched(search)
                    if found is not None:
                        journal.conclude(self.vault, entry, Outcome.ADOPTED, destination_id)
                        return found
                    journal.conclude(self.vault, entry, Outcome.REFUSED, text=journal.failed(exc))
                if not exc.transient or attempt == self._max_retries:
                    raise
                self._sleep(PAUSE_S * 2**attempt)
            else:
                journal.conclude(self.vault, entry, Outcome.DONE, destination_id)
                return made
        raise AssertionError("the loop returns or raises")

    def query(self, call: WriteCall, key: ContentKey, body: Any) -> str:
        """POST a query by structure and return its id: Looker answers with the one that it has, so a repeat does no harm."""
        entry = self._intend(call, key, body)
        try:
            made = decode(self._send(call, key, body, idempotent=True))
        except LookerError as exc:
            journal.conclude(self.vault, entry, Outcome.REFUSED, text=journal.failed(exc))
            raise
        return str(self._made(entry, key, made, Outcome.DONE)["id"])

    def change(
        self,
        call: WriteCall,
        key: ContentKey,
        destination_id: str,
        body: Any = None,
        *,
        other: str = "",
        lists: bool = False,
        unfinished: bool = False,
    ) -> None:
        """PATCH, PUT or DELETE the object that matches *key*; doing it twice does no harm, so the client may repeat the call.

        With *unfinished* the intent stays open in the journal, since more writes must follow before it is done.
        """
        entry = self._intend(call, key, body, destination_id, other)
        try:
            self._send(call, key, body, destination_id, other, idempotent=lists)
        except LookerError as exc:
            if not _is_so_already(call, key, exc):
                self._conclude_failed(entry, exc)
                raise
        if unfinished:
            return
        if call.verb == "POST":
            journal.conclude(self.vault, entry, Outcome.DONE, destination_id)
        else:  # unknown after a crash, it would simply be planned again
            settled = journal.Settled(entry, destination_id, self.vault.now().isoformat())
            with self._lock:
                self._settled.append(settled)

    def list_is_clean(self, live_id: str) -> None:
        """Commit to the journal that an access list has none of the rows any more that Looker copied into it."""
        journal.list_is_clean(self.vault, self.target, live_id)

    def flush(self) -> None:
        """Commit the outcomes that were waiting to be committed with the next intent."""
        settled = self._take_settled()
        if settled:
            journal.settle(self.vault, settled)

    def _take_settled(self) -> list[journal.Settled]:
        with self._lock:
            settled, self._settled = self._settled, []
        return settled

    def link(self, call: WriteCall, key: ContentKey, destination_id: str, body: Any) -> None:
        """POST a member of a list, or a whole list; a repeated call has no further effect, because its body says what belongs
        to what."""
        self.change(call, key, destination_id, body, lists=True)

    def note(self, pairs: list[tuple[ContentKey, str]]) -> None:
        """Enter *pairs* of item and live id in the id map, for objects that Looker made without a create of their own."""
        outgrown = [
            (ContentKey(key.content_type, one), live_id)
            for key, live_id in pairs
            for one in self.destination.outgrown(key)
            if one != live_id
        ]
        pairs = [*outgrown, *pairs]
        id_map.put(self.vault, self.target, self.session_id, pairs)
        for key, live_id in pairs:
            self.destination.remember(key, live_id)

    def _look_for(
        self, entry: int, call: WriteCall, key: ContentKey, search: Search, reason: str
    ) -> dict[str, Any] | None:
        """Return what the create *entry* has made. It has failed, for *reason*, only if the search says that nothing is there:
        where that has no answer either, the create stays unknown, and whoever goes on searches first."""
        try:
            made = self._searched(search)
        except BaseException:  # Ctrl-C as well: what was made must not be made twice
            self._unknown[key, call.operation] = entry
            raise
        if made is None:
            journal.conclude(self.vault, entry, Outcome.REFUSED, text=journal.failed(reason))
        return made

    def _searched(self, search: Search) -> dict[str, Any] | None:
        """Return what *search* finds. That it finds nothing at once proves nothing: a node of a clustered Looker may not list yet
        what another one has just made."""
        for pause_s in LOST_PAUSES_S:
            made = search()
            if made is not None:
                return made
            self._sleep(pause_s)
        return search()

    def _adopt(self, entry: int, key: ContentKey, made: dict[str, Any]) -> dict[str, Any]:
        made = self._made(entry, key, made, Outcome.ADOPTED)
        self.adopted.add((key.content_type, id_of(key.content_type, made)))
        return made

    def _made(self, entry: int, key: ContentKey, made: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
        new_id = id_of(key.content_type, made)
        outgrown = self.destination.outgrown(key)
        journal.conclude(self.vault, entry, outcome, new_id, target=self.target, outgrown=outgrown)
        self.destination.live.fresh.add((key.content_type, new_id))
        self.destination.live.forget(key.content_type, new_id)
        for one in (*outgrown, key.id):
            self.destination.remember(ContentKey(key.content_type, one), new_id)
        return made

    def _conclude_failed(self, entry: int, error: LookerError) -> None:
        if _may_have_arrived(error):
            journal.conclude(self.vault, entry, Outcome.UNKNOWN, text=UNKNOWN_TEXT)
        else:
            journal.conclude(self.vault, entry, Outcome.REFUSED, text=journal.failed(error))

    def _intend(
        self, call: WriteCall, key: ContentKey, body: Any, destination_id: str | None = None, other: str = ""
    ) -> int:
        body = {**(body or {}), "other": other} if other else body
        text = encode(body).decode() if body is not None else ""
        settled = self._take_settled()
        self._written.add(key)
        return journal.intend(
            self.vault, self.session_id, key, call.operation, call.verb, text, settled, destination_id,
            _copies(key, body),
        )  # fmt: skip

    def _send(
        self,
        call: WriteCall,
        key: ContentKey,
        body: Any,
        destination_id: str = "",
        other: str = "",
        *,
        params: dict[str, Any] | None = None,
        idempotent: bool = False,
    ) -> bytes:
        """Send a write. A 404 has done nothing: where the write names what this run has made, Looker may only not know it yet."""
        if any(
            mark in call.path and not names_one(one) for mark, one in (("{id}", destination_id), ("{other}", other))
        ):
            raise Missing(
                f"{call.operation} {key}: {destination_id or other!r} names nothing", operation=call.operation
            )
        path = call.path.format(id=quote(destination_id, safe=""), other=quote(other, safe=""))
        raw = encode(body) if body is not None else None
        for pause_s in PAUSES_S:
            try:
                return self._send_once(call, path, raw, params, key, idempotent=idempotent)
            except Missing:
                if not any(self.destination.live.is_fresh(*one) for one in named_by(call, destination_id, other, body)):
                    raise
                self._sleep(pause_s)
        return self._send_once(call, path, raw, params, key, idempotent=idempotent)

    def _send_once(
        self,
        call: WriteCall,
        path: str,
        raw: bytes | None,
        params: dict[str, Any] | None,
        key: ContentKey,
        *,
        idempotent: bool,
    ) -> bytes:
        with self._lock:
            self.writes += 1
        if call.verb == "POST":
            reply = self.looker.post(call.operation, path, raw, params, str(key), idempotent=idempotent)
        elif call.verb == "PATCH":
            reply = self.looker.patch(call.operation, path, raw, params, str(key))
        elif call.verb == "PUT":
            reply = self.looker.put(call.operation, path, raw, params, str(key))
        else:
            reply = self.looker.delete(call.operation, path, raw, params, str(key))
        return reply.body


def _copies(key: ContentKey, body: Any) -> bool:
    """Return whether a write lets Looker put rows into the list of what is written."""
    facts = WRITES.get(key.content_type)
    copying = facts.copying if facts is not None else {}
    return bool(copying) and isinstance(body, dict) and copying.items() <= body.items()


def _may_have_arrived(error: LookerError) -> bool:
    """Return whether a write may have been done although it has failed: its answer was lost, or was none of Looker's own."""
    return error.transient and not isinstance(error, (NotConnected, RateLimited))


def _is_so_already(call: WriteCall, key: ContentKey, error: LookerError) -> bool:
    """True if a refusal says that what was asked for is so: the first answer to it may have been lost, and the client has
    asked again. What is read back at the end proves it either way."""
    if call.verb == "DELETE":
        return isinstance(error, Missing)
    if call.verb != "POST":
        return False
    # A POST that says what the object is called is refused if it has arrived before, and has made nothing twice.
    facts = WRITES.get(key.content_type)
    named = facts is not None and facts.made_by_name and isinstance(error, Invalid)
    return isinstance(error, Conflict) or (named and all(code == "already_exists" for _, code, _ in error.details))
