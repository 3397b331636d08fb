"""What stands before the instance and answers in its place, as a host without a running Looker does."""

from collections import Counter
from fnmatch import fnmatchcase

from looker_simulator.calls import Reply
from looker_simulator.world import World

_PAGE = b"<html><head><title>Looker Not Found (404)</title></head><body><h1>Not Found</h1></body></html>"
_BODIES = {
    "html": (_PAGE, b"text/html; charset=utf-8"),
    "json": (b'{"message":"no Route matched with those values"}', b"application/json; charset=utf-8"),
    "empty": (b"", b"text/plain"),
}


class Gateway:
    """Answers 404 for what the bend ``html_404`` names: ``PATH[,COUNT[,BODY]]``."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._answered: Counter[str] = Counter()

    def refuses(self, path: str) -> Reply | None:
        """Return the answer to a request for *path*, None if it goes through to Looker."""
        if not self._world.bends.has("html_404"):
            return None
        value = self._world.bends.value("html_404", "*")
        pattern, count, kind = (*value.split(","), "", "")[:3]
        if not fnmatchcase(path, pattern or "*") or (count and self._answered[value] >= int(count)):
            return None
        self._answered[value] += 1
        body, content_type = _BODIES[kind or "html"]
        return Reply(body, status=404, headers=[(b"content-type", content_type)])
