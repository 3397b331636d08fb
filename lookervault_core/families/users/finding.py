"""Find a person's names and addresses inside other texts, however they are written there. Pure.

They are found whole: not within a longer word or address. They may be encoded for the address of a page, composed of letters and
marks, or have any white space between their words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

_MARKS = "\u0300-\u036f"
_AFTER_CODE = r"(?<=%[0-9a-f]{2})(?<!%2[bde])(?<!%5f)"  # `%20ann`, but not `%2Dann`, which is `-ann`
_BLANK = r"(?:[\s+]|%(?:25)*(?:20|09|0A|0D|C2%(?:25)*A0))+"
_SHORTEST = 3


def finding(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern that finds any of *texts*, the longest first; None for none."""
    found = sorted({plain(text) for text in texts}, key=len, reverse=True)
    return re.compile("|".join(map(_whole, found)), re.IGNORECASE) if found else None


def plain(text: str) -> str:
    """Return a text in composed letters, its words one blank apart."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def anchor(text: str) -> str:
    """Return the longest part of a text that every way of writing it contains, for a cheap first check; "" if none is long
    enough."""
    longest = max(re.findall("[a-z0-9]+", plain(text).casefold()), key=len, default="")
    return longest if len(longest) >= _SHORTEST else ""


def _whole(text: str) -> str:
    """Return the pattern of one text between what is no part of it."""
    inner = "".join(_written(one) for one in text)
    if "@" in text:
        return rf"(?:(?<![\w.%+\-])|{_AFTER_CODE}){inner}(?![\w+\-{_MARKS}])(?!(?:\.|%2e)\w)"
    before = rf"(?:(?<![\w])|{_AFTER_CODE})" if _is_word(text[0]) else ""
    return f"{before}{inner}" + (rf"(?![\w{_MARKS}])" if _is_word(text[-1]) else "")


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _written(letter: str) -> str:
    """Return the pattern of one letter in all its ways."""
    if letter == " ":
        return _BLANK
    if letter == ",":
        return r"(?:\s|%20|\+)*(?:,|%(?:25)*2C)"
    if letter.isascii() and letter.isalnum():
        return letter
    coded = "%(?:25)*".join(f"{byte:02X}" for byte in letter.encode())
    ways = {re.escape(letter), f"%(?:25)*{coded}", rf"\\u{ord(letter):04x}"}
    apart = unicodedata.normalize("NFD", letter)
    if apart != letter:
        ways |= {re.escape(apart), re.escape(quote(apart))}
    return f"(?:{'|'.join(sorted(ways, key=len, reverse=True))})"
