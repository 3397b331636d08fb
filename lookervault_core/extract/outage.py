"""When to stop waiting for a Looker that answers nobody."""

from __future__ import annotations

import time


class Outage:
    """Tells whether Looker has answered nothing for so long that the run should stop; safe for any number of threads.

    One object or page that fails for good is no outage: the others are answered meanwhile.
    """

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._since_s: float | None = None

    def answered(self) -> None:
        self._since_s = None

    def failed(self) -> None:
        if self._since_s is None:
            self._since_s = time.monotonic()

    @property
    def is_on(self) -> bool:
        since_s = self._since_s
        return since_s is not None and time.monotonic() - since_s >= self._after_s
