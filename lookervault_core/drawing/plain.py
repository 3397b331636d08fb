"""The words of a text that is written in HTML, Markdown or an editor's JSON: what a reader sees of it, without its markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import msgspec

READ_AT_MOST = 4_000
_SILENT = frozenset(("script", "style", "head", "title", "template"))
_BLOCKS = frozenset(
    ("p", "div", "br", "li", "tr", "td", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ul", "ol", "table", "nav", "center")
)
_MARKS = re.compile(r"^\s{0,3}(?:#{1,6}|[-*+>])\s+|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)")


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of words in *text*; of a long one only its beginning."""
    rich = _rich(text)
    if rich is not None:
        return tuple(line for line in rich if line)
    words = _without_tags(text[:READ_AT_MOST])
    return tuple(line for line in map(_without_marks, words.splitlines()) if line)


def words_of(text: str) -> str:
    """Return *text* without its markup; as it is where nothing else is in it."""
    return " ".join(lines_of(text)) or text


def _without_marks(line: str) -> str:
    return _MARKS.sub("", _LINK.sub(r"\1", line)).strip()


def _rich(text: str) -> list[str] | None:
    """Return the lines of an editor's document, `[{"type": "h2", "children": [{"text": …}]}]`; None if it is none."""
    if not text.lstrip().startswith("[{"):
        return None
    try:
        blocks = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return ["".join(_texts(block, 0)).strip() for block in blocks]


def _texts(value: Any, depth: int) -> Iterator[str]:
    if not isinstance(value, dict) or depth > 20:
        return
    if isinstance(value.get("text"), str):
        yield value["text"]
    for child in value.get("children") or ():
        yield from _texts(child, depth + 1)


def _without_tags(text: str) -> str:
    if "<" not in text and "&" not in text:
        return text
    parser = _Words()
    parser.feed(text)
    parser.close()
    return "".join(parser.found)


class _Words(HTMLParser):
    """Collects what stands between tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (HTMLParser's)
        self._silent += tag in _SILENT
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.found.append("\n")
