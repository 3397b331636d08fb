"""Which operation a method and a path mean."""

from collections.abc import Iterable

from looker_simulator.calls import Operation


class Routes:
    """Finds operations by path; a fixed segment wins over a parameter, so that ``/looks/search`` is not look "search"."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._by_shape: dict[tuple[str, int], list[tuple[list[str], Operation]]] = {}
        for operation in operations:
            segments = operation.path.strip("/").split("/")
            self._by_shape.setdefault((operation.method, len(segments)), []).append((segments, operation))
        for choices in self._by_shape.values():
            choices.sort(key=lambda choice: [segment.startswith("{") for segment in choice[0]])

    def find(self, method: str, path: str) -> tuple[Operation, list[tuple[str, str]]] | None:
        """Return the operation and its path parameters (undecoded), or None."""
        segments = path.strip("/").split("/")
        for pattern, operation in self._by_shape.get((method, len(segments)), ()):
            pairs = list(zip(pattern, segments, strict=True))
            if all(wanted == got or wanted[0] == "{" for wanted, got in pairs):
                return operation, [(wanted[1:-1], got) for wanted, got in pairs if wanted[0] == "{"]
        return None
