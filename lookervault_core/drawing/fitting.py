"""Make a text fit a width without a font to measure it with: an estimate that errs on the wide side."""

from __future__ import annotations

import unicodedata
from itertools import takewhile

from lookervault_core.inert import for_line

ELLIPSIS = "…"
READ_AT_MOST = 400  # characters of a text; nobody reads more of it in a tile

_NARROW, _SLIM, _BROAD = frozenset("ijl.,:;'|!` "), frozenset('frtI()[]{}/\\-"°*'), frozenset("mwMW%@&—…#")


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide *text* is about, in a sans-serif font of *size*."""
    return sum(map(_em, text)) * size * (1.12 if bold else 1.04)


def _em(character: str) -> float:
    if character in _NARROW:
        return 0.33
    if character in _SLIM:
        return 0.43
    if character in _BROAD:
        return 0.98
    if character.isascii():
        return 0.7 if character.isupper() else 0.61
    if unicodedata.combining(character):
        return 0.0
    return 1.1 if ord(character) >= 0x1100 else 0.75


def shortened(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return as much of *text*, in one harmless line, as *room* takes, with an ellipsis where that is not all."""
    line = for_line(" ".join(text[:READ_AT_MOST].split()))
    if len(text) <= READ_AT_MOST and width_of(line, size, bold=bold) <= room:
        return line
    left = room - width_of(ELLIPSIS, size, bold=bold)
    kept = ""
    for character in line:
        left -= width_of(character, size, bold=bold)
        if left < 0:
            break
        kept += character
    return kept.rstrip() + ELLIPSIS if kept.strip() else ""


def wrapped(text: str, room: float, size: float, lines: int) -> list[str]:
    """Return *text* in at most so many lines of at most *room*."""
    words = for_line(" ".join(text[:READ_AT_MOST].split())).split()
    made: list[str] = []
    while words and len(made) < lines:
        if len(made) == lines - 1:
            return [*made, shortened(" ".join(words), room, size)]
        taken = _words_that_fit(words, room, size) or 1
        made.append(shortened(" ".join(words[:taken]), room, size))
        words = words[taken:]
    return [line for line in made if line]


def _words_that_fit(words: list[str], room: float, size: float) -> int:
    fits = takewhile(lambda n: width_of(" ".join(words[:n]), size) <= room, range(1, len(words) + 1))
    return max(fits, default=0)
