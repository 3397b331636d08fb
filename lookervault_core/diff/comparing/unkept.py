"""Values that an instance is known not to take: those that it does not keep as sent (sent `""`, it shows null; sent `" A "`, it
shows `"A"`), as a proof finds out, and those that it refused for their field. To send them again would change nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.codec import digest
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.document import decode, encode
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.fields import in_order, same
from lookervault_core.diff.wording.words import blank_kept, plain
from lookervault_core.forms import form_of
from lookervault_core.model import ContentKey, RefusedValue, Unkept
from lookervault_core.values import FREE_FORM, is_blank, same_value


def learned(difference: Difference) -> Iterator[tuple[ContentKey, Unkept]]:
    """Yield each value that Looker did not keep as sent, with its live object; *difference* is what differs after writing."""
    for one, there in _standing(difference):
        for field, sent in one.changed.items():
            for blank in _explaining(one.content_type, field, sent, there.fields.get(field)):
                yield ContentKey(one.content_type, there.id), blank


def leave_unkept(difference: Difference, known: frozenset[Unkept]) -> None:
    """Take the values *known* not to be kept by the instance out of a difference, and name them as lost."""
    for one, there in _standing(difference) if known else ():
        for field in tuple(one.changed):
            blanks = _explaining(one.content_type, field, one.changed[field], there.fields.get(field))
            if blanks and blanks <= known:
                del one.changed[field]
                one.lost |= {blank.path: _kept(_value(blank.kept), _value(blank.sent)) for blank in blanks}


def is_blank_pair(pair: Unkept) -> bool:
    """Return whether both values, the one sent and the one kept, are blank."""
    return is_blank(_value(pair.sent)) and is_blank(_value(pair.kept))


def _kept(kept: Any, sent: Any) -> str:
    """Return why a value that was written is not as in the backup."""
    form = form_of(sent, kept)
    return f"Looker keeps it {form}: {plain(kept)} where it was sent {plain(sent)}" if form else blank_kept(kept, sent)


def refused_value(content_type: str, live_id: str, field: str, value: Any) -> RefusedValue:
    """Return the key by which a refused value is recognised: its object, its field and a digest of it."""
    return RefusedValue(content_type, live_id, field, digest(encode(value)).hex())


def leave_refused(difference: Difference, known: Mapping[RefusedValue, str]) -> None:
    """Take the values that the instance is *known* to refuse out of a difference, and name them as lost with the reason."""
    for one, there in _standing(difference) if known else ():
        for field in tuple(one.changed):
            reason = known.get(refused_value(one.content_type, there.id, field, one.changed[field]))
            if reason is not None:
                del one.changed[field]
                one.lost[field] = reason


def _standing(difference: Difference) -> Iterator[tuple[Difference, Doc]]:
    """Yield what is there, with its live side."""
    yield from ((part, part.live) for part in difference.walk() if part.live is not None)


def _explaining(content_type: str, field: str, sent: Any, kept: Any) -> frozenset[Unkept]:
    """Return the blanks and the forms in which two values of a field differ; none if they differ in anything else too."""
    sent, kept = (in_order(content_type, field, value) for value in (sent, kept))
    found = frozenset(_blanks(content_type, field, sent, kept))
    return found if found and same(content_type, field, _as_kept(field, sent, found), kept) else frozenset()


def _blanks(content_type: str, path: str, sent: Any, kept: Any) -> Iterator[Unkept]:
    """Yield the places at which two values are blank in different ways, or say the same in another form."""
    if isinstance(sent, Mapping) and isinstance(kept, Mapping):
        keys = sent.keys() & kept.keys() if _is_free(path) else sent.keys() | kept.keys()
        for key in keys:
            yield from _blanks(content_type, f"{path}.{key}", sent.get(key), kept.get(key))
    elif isinstance(sent, list) and isinstance(kept, list) and len(sent) == len(kept):
        for one, other in zip(sent, kept, strict=True):
            yield from _blanks(content_type, f"{path}[]", one, other)
    elif form_of(sent, kept) or (is_blank(sent) and is_blank(kept) and not same_value(sent, kept)):
        yield Unkept(content_type, path, _text(sent), _text(kept))


def _as_kept(path: str, value: Any, blanks: frozenset[Unkept]) -> Any:
    """Return what the instance makes of a value that it is sent, by what it does not keep: *blanks* and forms."""
    if isinstance(value, Mapping) and value:
        return {key: _as_kept(f"{path}.{key}", entry, blanks) for key, entry in value.items()}
    if isinstance(value, list) and value:
        return [_as_kept(f"{path}[]", row, blanks) for row in value]
    text = _text(value)
    return next((_value(one.kept) for one in blanks if (one.path, one.sent) == (path, text)), value)


def _is_free(path: str) -> bool:
    return not FREE_FORM.isdisjoint(path.replace("[]", "").split("."))


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _value(text: str) -> Any:
    return decode(text.encode())
