"""SVG elements as text. Every value is escaped here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from lookervault_core.inert import for_line

_NO_XML = re.compile("[\ufffe\uffff]")

Box = tuple[float, float, float, float]


def element(name: str, inside: Iterable[str] | str | None = None, **attributes: object) -> str:
    """Return one element. `cls` is its class, `data_row` the attribute `data-row`; an attribute of None is left out.

    A text *inside* is words and is escaped; a list of texts is elements.
    """
    given = "".join(f' {_name(key)}="{_value(value)}"' for key, value in attributes.items() if value is not None)
    if inside is None:
        return f"<{name}{given}/>"
    return f"<{name}{given}>{words(inside) if isinstance(inside, str) else ''.join(inside)}</{name}>"


def rect(box: Box, cls: str, radius: float = 0) -> str:
    x, y, width, height = box
    return element("rect", x=x, y=y, width=max(0, width), height=max(0, height), rx=radius or None, cls=cls)


def circle(x: float, y: float, radius: float, cls: str) -> str:
    return element("circle", cx=x, cy=y, r=radius, cls=cls)


def path(data: str, cls: str) -> str:
    return element("path", d=data, cls=cls)


def line(points: Iterable[tuple[float, float]], cls: str) -> str:
    return path("M" + "L".join(f"{_value(x)} {_value(y)}" for x, y in points), cls)


def words(text: str) -> str:
    """Return *text* harmless and escaped."""
    return escape(_NO_XML.sub("�", for_line(text)))


def _name(key: str) -> str:
    return {"cls": "class", "view_box": "viewBox", "text_length": "textLength", "length_adjust": "lengthAdjust"}.get(
        key, key.replace("_", "-")
    )


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return words(str(value))
