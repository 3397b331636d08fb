"""Normal forms: how Looker may rewrite a value that it is sent without changing its meaning. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from lookervault_core.values import canonical, is_blank, number, same_value

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")

# One after the other: each takes what the ones before have made of a text.
_OF_TEXTS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("with line ends of its own", lambda text: text.replace("\r\n", "\n").replace("\r", "\n")),
    ("without the white space around it", str.strip),
    ("with composed letters", lambda text: unicodedata.normalize("NFC", text)),
    ("in lower case", lambda text: text.lower() if _ADDRESS.fullmatch(text) else text),
)
_SAME_NUMBER, _SAME_TIME = "as the same number written otherwise", "as the same time written otherwise"
_AS_TEXT, _AS_NUMBER = "as a text", "as a number"
FORMS = (*(how for how, _ in _OF_TEXTS), _SAME_NUMBER, _SAME_TIME, _AS_TEXT, _AS_NUMBER)


def form_of(sent: Any, kept: Any) -> str:
    """Return in words in which form Looker *kept* a single value that means the same as the one *sent*; "" if it does not, or if
    both are equal or blank."""
    if is_blank(sent) or is_blank(kept) or same_value(sent, kept):
        return ""
    if isinstance(sent, str) and isinstance(kept, str):
        return _of_text(sent, kept) or _of_number(sent, kept) or _of_time(sent, kept)
    if isinstance(sent, (Mapping, list, bool)) or isinstance(kept, (Mapping, list, bool)):
        return ""
    how = _AS_TEXT if isinstance(kept, str) else _AS_NUMBER
    return how if _of_number(_text(sent), _text(kept)) or _text(sent) == _text(kept) else ""


def is_form(sent: Any, kept: Any) -> bool:
    """Return whether *kept* means the same as *sent*, in every value inside."""
    if isinstance(sent, Mapping) and isinstance(kept, Mapping):
        return all(is_form(sent.get(key), kept.get(key)) for key in sent.keys() | kept.keys())
    if isinstance(sent, list) and isinstance(kept, list):
        return len(sent) == len(kept) and all(map(is_form, sent, kept))
    return same_value(sent, kept) or bool(form_of(sent, kept))


def _of_text(sent: str, kept: str) -> str:
    """Return what was made of a text, step by step."""
    ours, theirs, how = sent, kept, []
    for words, change in _OF_TEXTS:
        if change(ours) != ours and change(theirs) == theirs:
            how.append(words)
            ours = change(ours)
        if ours == theirs:
            return " and ".join(how)
    return ""


def _of_number(sent: str, kept: str) -> str:
    numbers = [one.strip() for one in (sent, kept)]
    if not all(map(_NUMBER.fullmatch, numbers)):
        return ""
    ours, theirs = (bytes(number(one)) for one in numbers)
    return _SAME_NUMBER if ours == theirs else ""


def _of_time(sent: str, kept: str) -> str:
    if not (_TIME.fullmatch(sent) and _TIME.fullmatch(kept)):
        return ""
    try:
        ours, theirs = (datetime.fromisoformat(one) for one in (sent, kept))
        return _SAME_TIME if ours == theirs else ""
    except (TypeError, ValueError):
        return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value).decode()
