"""Make texts that users wrote harmless where they are shown: a title is data, whatever characters it has.

There is one function for each output: the terminal and logs, `--json`, and the Markdown of Prefect's artifacts. Names of files
are made in `exchange/names.py`."""

from __future__ import annotations

import re

# What terminals obey or what changes the order or the look of the rest: controls (C0 but tab and line feed, DEL, C1), the marks,
# embeddings and isolates of bidirectional text, separators of lines and paragraphs, byte order marks, tags, lone surrogates.
_ACTIVE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"
)
_ON_TERMINAL = re.compile(f"[{_ACTIVE}]")
_IN_LINE = re.compile(f"[{_ACTIVE}\t\n]")
# An underscore inside a word is none of Markdown's marks.
_IN_MARKDOWN = re.compile(r"[\\`*\[\]<>&|~]|(?<!\w)_|_(?!\w)|!(?=\[)|^[#+=-]|^\d+(?=[.)])")


def for_terminal(text: str) -> str:
    """Return *text* with control characters written out: ESC as `\\x1b`. Line ends stay."""
    return _ON_TERMINAL.sub(_written_out, text)


def for_line(text: str) -> str:
    """Return *text* as one line that a terminal or a log may show."""
    return _IN_LINE.sub(_written_out, text)


def for_json(document: str) -> str:
    """Return a JSON *document* that says the same, without a character that a terminal would obey."""
    return _ON_TERMINAL.sub(_escaped, document)


def for_markdown(text: str) -> str:
    """Return *text* so that Markdown shows it as it is: no link, image, HTML or markup comes of it."""
    return _IN_MARKDOWN.sub(
        lambda found: "\\" + found[0] if not found[0].isdigit() else found[0] + "\\", for_line(text)
    )


def without_login(url: str) -> str:
    """Return *url* without the name and password that it may hold for its server."""
    scheme, mark, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    return scheme + mark + place.rpartition("@")[2] + slash + path


def _written_out(found: re.Match[str]) -> str:
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(found[0]) or _code(ord(found[0]))


def _code(number: int) -> str:
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x10000:
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
