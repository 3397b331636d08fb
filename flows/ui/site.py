"""What all pages share: the vault, its indexes in memory, the templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from flows.cli.tables import size
from flows.ui.jobs import Jobs
from lookervault_core.browsing.growth import Growth
from lookervault_core.browsing.nights import Night, nights
from lookervault_core.browsing.shelf import Shelf, Shelves
from lookervault_core.catalog import CATALOG
from lookervault_core.drawing.fitting import ELLIPSIS
from lookervault_core.inert import for_line, for_terminal, without_login
from lookervault_core.vault import Vault
from lookervault_core.watching import lately

HERE = Path(__file__).parent
LOOKED_AT = 60  # nights in which the first page looks for unusual ones
LONG = 300  # characters of a name or a value that a list shows


class Site:
    """The vault as the pages see it. Safe for any number of threads."""

    def __init__(self, vault: Vault, config: Path | None = None, *, may_restore: bool = False) -> None:
        self.vault, self.config, self.may_restore = vault, config, may_restore
        self.jobs = Jobs()
        self.shelves, self.growth = Shelves(vault), Growth(vault)
        self._unusual: tuple[object, dict[int, list[str]]] | None = None
        self._nights: tuple[object, list[Night]] | None = None
        self._templates = _environment()

    def nights(self) -> list[Night]:
        """Return every snapshot, oldest first."""
        stamp = self.shelf.stamp
        if self._nights is None or self._nights[0] != stamp:
            self._nights = (stamp, nights(self.vault))
        return self._nights[1]

    def unusual(self) -> dict[int, list[str]]:
        """Return by snapshot, newest first, what was unusual in the last nights, in sentences."""
        stamp = self.shelf.stamp
        if self._unusual is None or self._unusual[0] != stamp:
            self._unusual = (stamp, lately(self.vault, LOOKED_AT))
        return self._unusual[1]

    def night(self, snapshot_id: int) -> Night | None:
        return next((night for night in self.nights() if night.snapshot_id == snapshot_id), None)

    @property
    def shelf(self) -> Shelf:
        return self.shelves.current()

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """Return *template* as a page."""
        shared = {
            "path": request.url.path,
            "searched": request.query_params.get("q", ""),
            "instance": without_login(self.vault.instance_url or "no instance yet"),
            "may_restore": self.may_restore,
            "object_url": object_url,
        }
        return HTMLResponse(self._templates.get_template(template).render(shared | values), status_code=status)


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_inert,
    )
    made.filters |= {
        "size": size,
        "time": time,
        "short": short,
        "type": called,
        "types": many,
        "preformatted": preformatted,
        "count": lambda number: f"{number:,}",
    }
    return made


def _inert(value: Any) -> Any:
    """Return what is put into a page: a text of a user's moves nothing and turns nothing around."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else for_line(value)


def time(at: datetime | str | None) -> Markup:
    """Return a time as people read it, in UTC."""
    if isinstance(at, str):
        at = _parsed(at)
    if at is None:
        return Markup("–")
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), f"{at:%d %b %Y %H:%M}")


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def short(text: object, most: int = LONG) -> str:
    """Return *text* cut to *most* characters, for a list."""
    told = str(text)
    return told if len(told) <= most else told[:most] + ELLIPSIS


def preformatted(text: str) -> Markup:
    """Return *text* with its line ends, made harmless."""
    return Markup(escape(for_terminal(text)))  # noqa: S704 (escaped right here)


def called(content_type: str) -> str:
    """Return what one object of a type is called: `scheduled plan`."""
    row = CATALOG.get(content_type)
    return (row.singular if row else content_type).replace("_", " ")


def many(content_type: str) -> str:
    return content_type.replace("_", " ")


def object_url(content_type: str, item_id: str, **query: Any) -> str:
    """Return the address of an object's page."""
    from urllib.parse import quote, urlencode

    given: Mapping[str, Any] = {name: value for name, value in query.items() if value is not None}
    return f"/objects/{content_type}/{quote(item_id, safe='')}" + (f"?{urlencode(given)}" if given else "")
