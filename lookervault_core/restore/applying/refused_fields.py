"""A description may say that a field can be written, and Looker refuses it: that field alone is left out, and named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from lookervault_core.catalog import WRITES
from lookervault_core.diff.difference import Difference
from lookervault_core.errors import Invalid
from lookervault_core.model import ContentKey

# These say that a value is wanted, or belongs to somebody else: they are no word on the field.
_OF_VALUES = ("already_exists", "missing", "missing_field")
Accept = Callable[[ContentKey, str, str], None]
Done = TypeVar("Done")
Reasons = Mapping[str, str]


class Part(NamedTuple):
    """What is written: the item that it is part of, and what the part is called in the paths of its fields."""

    item: ContentKey
    path: str = ""

    def below(self, name: str) -> Part:
        return Part(self.item, f"{self.path}{name}.")


def offer(
    accept: Accept, part: Part, one: Difference, body: dict[str, Any], send: Callable[[dict[str, Any]], Done]
) -> tuple[Done | None, Reasons]:
    """Send *body*, and once more without what Looker refuses by name (422); return what came of it, None if nothing of it is left
    to send, and why which fields were left out. Where the rest is refused as well, the first refusal counts: it was not the
    field's fault."""
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
