"""Find what limited a run, and how many workers and how large a page are best: a small model, calibrated by
`benchmarks/extract.py`."""

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
    """The workers and page size to use, the throughput to expect, and what would then limit it.

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
        return f"{asked} workers cannot help: there are only {pages} pages to fetch; {enough} would do as well"
    reason = {"cpu": "this machine's processors", "limiter": "the rate limit", "latency": "Looker's answers"}[
        holds_back
    ]
    return f"{asked} workers cannot help: {reason} hold the run back; {enough} do as well"


class Observed(msgspec.Struct, frozen=True):
    """The times and counts of a run. Seconds of `asking`, `waiting` (for the rate limit) and `keeping` are summed over all
    threads."""

    wall_s: float
    cpu_s: float
    cores: int
    workers: int
    items: int
    bytes: int
    pages: int
    asking_s: float
    waiting_s: float
    keeping_s: float
    page_latency_s: float
    requests_per_second: float = 0.0

    @property
    def shares(self) -> dict[str, float]:
        """Return the shares of latency, limit, processor and disk in the run, each from 0 to 1; the largest held the run back."""
        threads_s = max(self.wall_s * self.workers, 1e-9)
        return {
            "latency": self.asking_s / threads_s,
            "limiter": self.waiting_s / threads_s,
            "cpu": self.cpu_s / max(self.wall_s * self.cores, 1e-9),
            "disk": self.keeping_s / threads_s,
        }


NAMES = {
    "latency": "waiting for Looker's answers",
    "limiter": "waiting for the rate limit",
    "cpu": "this machine's processors",
    "disk": "writing to the vault",
}


def diagnose(observed: Observed) -> list[str]:
    """Return what held the run back and what would help, in sentences."""
    shares = observed.shares
    worst = max(shares, key=lambda name: shares[name])
    told = ", ".join(
        f"{NAMES[name]} {100 * share:.0f} %" for name, share in sorted(shares.items(), key=lambda p: -p[1])
    )
    lines = [f"what held the run back: {NAMES[worst]} ({told})"]
    if not observed.items:
        return lines
    tuner = PerformanceTuner(
        latency_s=max(observed.page_latency_s, 0.001),
        requests_per_second=observed.requests_per_second,
        cores=min(USABLE_CORES, observed.cores),
    )
    average_kb = observed.bytes / observed.items / 1000
    best = tuner.recommend_for_dataset(total_items=observed.items, avg_item_size_kb=average_kb)
    lines.append(
        f"recommended for as many objects of this size: --workers {best.workers} --page-size {best.page_size}, "
        f"about {best.items_per_second:,.0f} items a second; then {NAMES[best.holds_back]} would hold it back"
    )
    asked = tuner.recommend_for_dataset(
        total_items=observed.items, avg_item_size_kb=average_kb, workers=observed.workers
    )
    return lines + ([asked.warning] if asked.warning else [])
