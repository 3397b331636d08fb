"""Failures of a restore: fields and parts of an object that Looker refuses, items that become dead letters, and dead letters that
are settled."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from lookervault_core.catalog import WRITES
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.planning.plan import Plan
from lookervault_core.diff.wording.describe import path_of
from lookervault_core.errors import (
    BudgetSpent,
    Interrupted,
    Invalid,
    LookerError,
    LookerVaultError,
    NothingWritten,
    ends_all,
)
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import dead_letters


@contextmanager
def nothing_written() -> Generator[None]:
    """Say, in an interruption or a spent budget raised inside the block, that nothing was written."""
    try:
        yield
    except Interrupted as exc:
        raise NothingWritten("interrupted before anything was written; run the same command again") from exc
    except BudgetSpent as exc:
        raise BudgetSpent(
            f"{exc}: the plan alone takes more, so nothing was written; run the same command again with more"
        ) from exc


def bury(vault: Vault, session_id: str, key: ContentKey, name: str, exc: Exception, payload: bytes | None) -> str:
    """Make a failed item a dead letter of the session and return the message of its error."""
    looker = exc if isinstance(exc, LookerError) else None
    message = str(exc) if isinstance(exc, LookerVaultError) else f"{key}: {type(exc).__name__}: {exc}"
    failure = dead_letters.Failure(
        key=key,
        name=name,
        operation=looker.operation if looker else "",
        error_type=type(exc).__name__,
        message=message,
        status=looker.status if looker else 0,
        traceback="".join(traceback.format_exception(exc)),
        request_id=looker.request_id if looker else "",
        payload=payload,
    )
    dead_letters.add(vault, session_id, failure)
    return message


def resolve_letters(
    vault: Vault, session_id: str, plan: Plan, to_delete: Collection[ContentKey], failed: Collection[ContentKey]
) -> None:
    """Mark dead letters as settled if their object is as in the backup now, or is gone as it was *to_delete*.

    Those of items that have *failed* again stay open."""
    as_it_was = {step.key for step in plan.steps if step.is_as_in_backup}
    as_it_was |= set(to_delete) - {step.key for step in plan.steps}
    letters = {letter.key for letter in dead_letters.listing(vault)}
    dead_letters.resolve(vault, session_id, (letters & as_it_was).difference(failed))


class PartsRefused(LookerError):
    """Looker refused parts of an object for good; everything else of it is written."""


class Refusals:
    """The refusals of one object, in the order in which they came. For one thread."""

    def __init__(self) -> None:
        self._refused: dict[str, LookerVaultError] = {}

    @contextmanager
    def of(self, content_type: str = "", doc: Doc | None = None) -> Generator[None]:
        """Catch an error inside the block by which Looker refuses a nested object for good, note it, and go on; without *doc* it
        is about the object itself."""
        try:
            yield
        except (LookerError, DependencyMissing) as exc:
            if exc.transient or ends_all(exc):
                raise
            self._refused[path_of(content_type, doc) if doc is not None else "its own fields"] = exc

    def tell(self, key: ContentKey) -> None:
        """Raise PartsRefused with all refusals, if there were any."""
        if not self._refused:
            return
        first = next(iter(self._refused.values()))
        parts = "; ".join(f"{part}: {exc}" for part, exc in self._refused.items())
        looker = first if isinstance(first, LookerError) else LookerError("")
        raise PartsRefused(
            f"{key}: everything else of it is written, but not {parts}",
            operation=looker.operation,
            status=looker.status,
            request_id=looker.request_id,
            details=looker.details,
        ) from first


# These say that a value is wanted, or belongs to somebody else: they are no word on the field.
_OF_VALUES = ("already_exists", "missing", "missing_field")
Accept = Callable[[ContentKey, str, str], None]
Done = TypeVar("Done")
Reasons = Mapping[str, str]


class Part(NamedTuple):
    """The item, or a nested object of it, that is written; `path` is the prefix of the paths of its fields, "" for the item
    itself."""

    item: ContentKey
    path: str = ""

    def below(self, name: str) -> Part:
        return Part(self.item, f"{self.path}{name}.")


def offer(
    accept: Accept, part: Part, one: Difference, body: dict[str, Any], send: Callable[[dict[str, Any]], Done]
) -> tuple[Done | None, Reasons]:
    """Send *body*; if Looker refuses fields by name (422), note them as lost and send the rest once more.

    Returns what *send* returned, None if no field was left to send, and the reasons by field. If the rest is refused too, the
    first refusal is raised: the fields were not its cause."""
    try:
        return send(body), {}
    except Invalid as exc:
        refused = dict(_refused(one, exc, body))
        rest = {field: value for field, value in body.items() if field not in refused}
        if not refused:
            raise
        try:
            done = send(rest) if rest else None
        except Invalid:
            raise exc from None
    hints, reasons = WRITES[one.content_type].away, dict[str, str]()
    for field, message in refused.items():
        said = "; ".join(filter(None, (message, hints.get(field))))
        reasons[field] = f"Looker refuses it, whatever its description says: {said}"
        accept(part.item, f"{part.path}{field}", reasons[field])
    return done, reasons


def _refused(one: Difference, error: Invalid, body: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield the fields of *body* that a refusal names and that an object can do without: one that is there already is also known
    without what tells a newborn one."""
    facts = WRITES[one.content_type]
    keys = [key for key in facts.natural if one.live is None or not key.newborn]
    needed = {field for key in keys for field in key.fields} | {*facts.born, *(facts.undelete or ())}
    needed |= {ref.field for ref in facts.references if not ref.optional and ref.kind == "id"}
    for field, code, message in error.details:
        name = field.partition(".")[0].partition("[")[0]
        if name in body and name not in needed and code not in _OF_VALUES:
            yield name, message


class DependencyMissing(LookerVaultError):
    """An object that the item needs does not exist and could not be made."""


class HeldForNow(LookerVaultError):
    """Looker refuses a write until something else is written."""
