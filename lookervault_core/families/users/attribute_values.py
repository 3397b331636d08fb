"""Where a value of a user attribute comes from: set on the user, or given by a group, a default or the system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# `source` is a word for people. These are seen in the field; OpenAPI 4.0.26.12 lists none ("How user got this value").
_INHERITED = frozenset({"default", "no value", "system"})


def is_own(row: Mapping[str, Any], groups: frozenset[str] = frozenset()) -> bool:
    """Return whether the value of *row* was set on the user itself; a `source` that is in *groups*, names of groups, says it
    was not."""
    word = _word(row)
    if not word:
        return row.get("value") is not None
    return word.startswith("user") or not (word in _INHERITED or word.startswith("group") or word in groups)


def is_known(row: Mapping[str, Any], groups: frozenset[str] = frozenset()) -> bool:
    """Return whether the `source` of the value in *row* is a known word."""
    return not is_own(row, groups) or _word(row).startswith("user")


def unknown_words(rows: Iterable[Mapping[str, Any]], groups: frozenset[str]) -> Iterator[str]:
    """Yield a warning for each unknown `source` of values: such values count as set on the users themselves."""
    words = Counter(str(row.get("source") or "") for row in rows if not is_known(row, groups))
    for word, count in sorted(words.items()):
        yield (
            f"user_attribute_values: Looker says of {count} values that their source is {word!r}, a word that is not known here: "
            "they are taken for values of the users themselves"
        )


def _word(row: Mapping[str, Any]) -> str:
    return str(row.get("source") or "").strip().lower()
