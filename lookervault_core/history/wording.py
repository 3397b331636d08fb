"""Say changes in words: fields in the words of their family, objects by name, long texts by the words that differ. Pure."""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.catalog.looking_up import HOLDER, NOUNS
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.families.telling import ABOUT, PLACED, TOLD_AS, comes_or_goes, listed, placed, show, told
from lookervault_core.history.edits import Edit, edits

LONG, AROUND, WORDS_COMPARED, PARTS_TOLD, SHOWN = 80, 4, 4_000, 6, 200
# What an object is called, by its type and id; "" if nobody knows.
Names = Callable[[str, str], str]


class FieldEdit(msgspec.Struct, frozen=True):
    """One changed field: its path, the title of the part that it is in, the old and new value, and `text`, all that in words."""

    path: str
    part: str
    old: Any
    new: Any
    text: str


def field_edits(kind: str, old: Doc, new: Doc, names: Names) -> tuple[FieldEdit, ...]:
    """Return the fields that differ between two versions of an object, in words. A tile that moved is one entry; a tile that was
    added or removed has none for its place."""
    plain = (edit for edit in edits(kind, old, new) if edit.kind != PLACED)
    moves = (
        FieldEdit(one.path, one.title, one.old, one.new, f"{_quoted(one.title)} {one.text}") for one in placed(old, new)
    )
    return (*(_said(edit, names) for edit in plain), *moves)


def _said(edit: Edit, names: Names) -> FieldEdit:
    part = edit.parts[-1] if edit.parts else ""
    if edit.is_row:
        part = _row_name(edit, names)
    old, new = (value.fields if isinstance(value, Doc) else value for value in (edit.old, edit.new))
    return FieldEdit(edit.path, part, old, new, _text(edit, part, names))


def _text(edit: Edit, part: str, names: Names) -> str:
    noun = NOUNS.get(edit.kind, edit.kind.removesuffix("s").replace("_", " "))
    if not edit.keys:
        return f"{noun} {_quoted(part)} {'added' if edit.old is None else 'removed'}"
    text = _of_row(edit, part) if edit.is_row else told(edit.kind, edit.keys, edit.old, edit.new) or _plain(edit, names)
    subject = (
        "" if edit.is_row or not edit.parts else f"{_quoted(part)} " if noun == "tile" else f"{noun} {_quoted(part)} "
    )
    return f"{subject}{_cut(text)}"


def _of_row(edit: Edit, part: str) -> str:
    row = edit.new if edit.new is not None else edit.old
    if edit.old is None or edit.new is None:
        special = comes_or_goes(edit.kind, part, row, comes=edit.old is None)
        return special or f"{_words(edit.field)}: {part} {'added' if edit.old is None else 'removed'}"
    rest = [{key: one[key] for key in one if one[key] != other.get(key)} for one, other in _both(edit)]
    return f"{part}: {' '.join(map(show, rest[0].values()))} → {' '.join(map(show, rest[1].values()))}"


def _both(edit: Edit) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    yield edit.old, edit.new
    yield edit.new, edit.old


def _plain(edit: Edit, names: Names) -> str:
    """Return how any field differs: what it names by name, a list by its rows, a long text by its words."""
    label, named = _words(".".join(edit.keys)), _named_at(edit)
    if named == HOLDER and edit.old and edit.new:
        return f"moved from {_name(named, edit.old, names)} to {_name(named, edit.new, names)}"
    if named and not isinstance(edit.old or edit.new, list):
        return f"{label}: {_name(named, edit.old, names)} → {_name(named, edit.new, names)}"
    if isinstance(edit.old, list) or isinstance(edit.new, list):
        rows = ([_name(named, row, names) if named else row for row in value or ()] for value in (edit.old, edit.new))
        return f"{label}: {listed(*rows, 'has', 'the same')}"
    old, new = show(edit.old), show(edit.new)
    if max(len(old), len(new)) > LONG and edit.old and edit.new:
        return f"{label}: {words_changed(old, new)}"
    return f"{label} {old} → {new}"


def words_changed(old: str, new: str) -> str:
    """Return the words that differ, with a few around them: `… the [-net-] {+gross+} revenue …`."""
    was, becomes = (re.findall(r"\s+|[^\s]+", text)[:WORDS_COMPARED] for text in (old, new))
    pieces = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, was, becomes, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(_around("".join(was[a:b]), first=a == 0, last=b == len(was)))
        else:
            less, more = "".join(was[a:b]).strip(), "".join(becomes[c:d]).strip()
            pieces.append(" ".join(filter(None, (less and f"[-{less}-]", more and f"{{+{more}+}}"))))
    return " ".join(filter(None, pieces))


def _around(text: str, *, first: bool, last: bool) -> str:
    words = text.split()
    if len(words) <= 2 * AROUND:
        return " ".join(words)
    head, tail = ("" if first else " ".join(words[:AROUND])), ("" if last else " ".join(words[-AROUND:]))
    return f"{head} … {tail}".strip()


def pair(edit: FieldEdit) -> tuple[str, str]:
    """Return both values as people read them, cut off where they are long; "" for no value."""
    return tuple("" if value is None else _cut(show(plain(value)), SHOWN) for value in (edit.old, edit.new))  # ty: ignore


def plain(value: Any) -> Any:
    """Return a value as JSON can have it: numbers that Looker sent with a fraction are numbers again."""
    if isinstance(value, msgspec.Raw):
        return json.loads(bytes(value))
    if isinstance(value, msgspec.Struct):
        return plain(msgspec.structs.asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def sentence(who: str, kind: str, name: str, what: str, fields: tuple[FieldEdit, ...]) -> str:
    """Return a change as one sentence; it begins with *who* made the change, if that is known."""
    noun = CATALOG[kind].singular.replace("_", " ") if kind in CATALOG else kind
    called = f"*{_cut(name, SHOWN)}*" if name else f"a {noun}"
    verb = what if what in ("created", "deleted", "moved") else "changed"
    subject = f"{who} {verb}" if who else verb.capitalize()
    if what in ("created", "deleted"):
        return f"{subject} {noun} {called}"
    more = f"; and {len(fields) - PARTS_TOLD} more" if len(fields) > PARTS_TOLD else ""
    told = "; ".join(field.text for field in fields[:PARTS_TOLD])
    return f"{subject} {ABOUT.get(kind) or _counted(fields)}{called}: {told}{more}"


def _counted(fields: Iterable[FieldEdit]) -> str:
    """Return how many parts of each sort changed: `2 tiles and 1 filter of `; "" where none did."""
    parts = dict.fromkeys((_noun(field.path), field.part) for field in fields if _noun(field.path))
    sorts = Counter(noun for noun, _ in parts)
    told = [f"{count} {noun}{'s' if count > 1 else ''}" for noun, count in sorts.items()]
    return f"{' and '.join(told)} of " if told else ""


def _noun(path: str) -> str:
    return NOUNS.get(TOLD_AS if PLACED in path else path.partition("[")[0], "")


def _row_name(edit: Edit, names: Names) -> str:
    """Return whom or what a row is about."""
    row = edit.new if edit.new is not None else edit.old
    if not isinstance(row, Mapping):
        kind = _ref(edit.kind, f"{edit.field}[]")
        return _name(kind, row, names) if kind else str(row)
    refs = ((_ref(edit.kind, f"{edit.field}[].{key}"), value) for key, value in row.items() if value)
    return ", ".join(_name(kind, value, names) for kind, value in refs if kind) or edit.keys[-1]


def _named_at(edit: Edit) -> str:
    path = ".".join(edit.keys)
    return _ref(edit.kind, path) or _ref(edit.kind, f"{path}[]")


def _ref(kind: str, path: str) -> str:
    refs = WRITES[kind].references if kind in WRITES else ()
    return next((ref.to for ref in refs if ref.kind == "id" and ref.path == path), "")


def _name(kind: str, item_id: Any, names: Names) -> str:
    if item_id is None or item_id == "":
        return "nothing"
    return names(kind, str(item_id)) or str(item_id)


def _words(field: str) -> str:
    return field.replace("_", " ")


def _quoted(title: str) -> str:
    return f"'{_cut(title, LONG)}'"


def _cut(text: str, width: int = 600) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
