"""Words as the text index has them: without accents and case; of scripts without spaces each character is a word. Pure."""

from __future__ import annotations

import re
import unicodedata

# Signs of writing that puts no space between words: kana, hanzi, hangul, Thai and its neighbours.
_SIGN = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])")
_WORD = re.compile(r"[^\W_]+")


def separated(text: str) -> str:
    """Return *text* with a space around each character that is a word by itself, as in Chinese or Japanese."""
    return text if text.isascii() else _SIGN.sub(r" \1 ", text)


def folded(text: str) -> str:
    """Return *text* as it is compared: accents and case do not count."""
    if text.isascii():
        return text.lower()
    return "".join(one for one in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(one))


def words(text: str) -> list[str]:
    """Return the words of *text* as they are compared."""
    return _WORD.findall(separated(folded(text)))


def query(text: str) -> str:
    """Return the index query that finds all words of *text*, the last as a beginning; "" for a text without a word."""
    found = words(text)
    return " AND ".join(f'"{one}"' for one in found) + "*" if found else ""
