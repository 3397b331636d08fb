"""How many workers and how large a page: a small model of an extraction, calibrated by `benchmarks/extract.py`."""

from __future__ import annotations

import msgspec

# Measured by benchmarks/extract.py on two cores of 2026; see there.
CPU_S_PER_ITEM = 0.00012
CPU_S_PER_KB = 0.0000065
CPU_S_PER_PAGE = 0.0012
USABLE_CORES = 1.4
PAGE_MB = 4.0
PAGE_MAX = 5_000
WORKERS_MAX = 50
GENTLE_WORKERS = 10


class Recommendation(msgspec.Struct, frozen=True):
    """Workers and page size to use, the throughput to expect of them, and what would then hold the run back.

    `holds_back` is `latency`, `cpu` or `limiter`. `warning` is a sentence where more workers cannot help, else empty.
    """

    workers: int
    page_size: int
    items_per_second: float
    duration_seconds: float
    holds_back: str
    warning: str = ""


class PerformanceTuner(msgspec.Struct, frozen=True):
    """Predicts throughput from what a server and a machine can do: seconds a page takes, and the limit on requests."""

    latency_s: float = 0.2
    requests_per_second: float = 0.0
    cores: float = USABLE_CORES

    def throughput(self, workers: int, page_size: int, avg_item_size_kb: float) -> tuple[float, str]:
        """Return items a second with so many workers, and what bounds it."""
        cpu_s = CPU_S_PER_PAGE / page_size + CPU_S_PER_ITEM + CPU_S_PER_KB * avg_item_size_kb
        bounds = {"latency": workers * page_size / self.latency_s, "cpu": self.cores / cpu_s}
        if self.requests_per_second:
            bounds["limiter"] = self.requests_per_second * page_size
        holds_back = min(bounds, key=lambda name: bounds[name])
        return bounds[holds_back], holds_back

    def recommend_for_dataset(
        self, *, total_items: int, avg_item_size_kb: float, workers: int | None = None
    ) -> Recommendation:
        """Return the fewest workers that come within a tenth of what the machine, the server and the limit allow.

        With `workers` it predicts for that many, and warns where fewer would do as well.
        """
        page_size = max(1, min(PAGE_MAX, int(PAGE_MB * 1000 / max(avg_item_size_kb, 0.1))))
        page_size = min(page_size, max(1, -(-total_items // GENTLE_WORKERS)))
        best, _ = self.throughput(WORKERS_MAX, page_size, avg_item_size_kb)
        enough = next(
            n for n in range(1, WORKERS_MAX + 1) if self.throughput(n, page_size, avg_item_size_kb)[0] >= 0.9 * best
        )
        pages = max(1, -(-total_items // page_size))
        enough = min(enough, pages)
        asked = enough if workers is None else workers
        rate, holds_back = self.throughput(asked, page_size, avg_item_size_kb)
        warning = _warning(asked, enough, holds_back, pages)
        return Recommendation(asked, page_size, round(rate, 1), round(total_items / rate, 1), holds_back, warning)


def _warning(asked: int, enough: int, holds_back: str, pages: int) -> str:
    if asked <= enough:
        return ""
    if enough == pages:
        return f"{asked} workers cannot help: there are only {pages} pages to fetch; {enough} do as well"
    reason = {"cpu": "this machine's processors", "limiter": "the rate limit", "latency": "Looker's answers"}[
        holds_back
    ]
    return f"{asked} workers cannot help: {reason} hold the run back; {enough} do as well"
