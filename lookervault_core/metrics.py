"""The vault as metrics for Prometheus: age, contents and holes of the newest backup, its calls, and its unusual signs.

Numbers, names of types and the host of the instance; nothing that users wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, generate_latest, write_to_textfile
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from lookervault_core.accounts import by_allowance
from lookervault_core.errors import NotFound
from lookervault_core.extract.report import extract_report
from lookervault_core.model import Snapshot
from lookervault_core.vault import Vault
from lookervault_core.watching import newest, unusual


class VaultMetrics(Collector):
    """Reads the vault at *path* anew each time that it is asked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every metric; of a vault without a snapshot only its size and its number of snapshots."""
        with Vault.open(self._path, read_only=True) as vault:
            yield from _of_vault(vault)
            try:
                snapshot = vault.snapshot(newest(vault))
            except NotFound:
                return
            yield from _of_snapshot(vault, snapshot)


def registry(path: Path) -> CollectorRegistry:
    """Return a registry with the metrics of the vault at *path*, and nothing of this process."""
    found = CollectorRegistry()
    found.register(VaultMetrics(path))
    return found


def write_metrics(path: Path, to: Path) -> None:
    """Write the metrics to a file, whole or not at all: as the textfile collector of node_exporter wants it."""
    write_to_textfile(str(to), registry(path))


def as_text(path: Path) -> str:
    """Return the metrics in the text format of Prometheus."""
    return generate_latest(registry(path)).decode()


def _of_vault(vault: Vault) -> Iterator[GaugeMetricFamily]:
    snapshots, instance = vault.snapshots(), _instance(vault)
    yield _one("vault_bytes", "Size of the vault's file", instance, vault.path.stat().st_size)
    held = _family("snapshots", "Snapshots in the vault by status", "status")
    for status, count in sorted(Counter(snapshot.status for snapshot in snapshots).items()):
        held.add_metric([instance, status], count)
    yield held
    complete = [snapshot for snapshot in snapshots if snapshot.status == "complete" and not snapshot.folders]
    if complete:
        at = max(one.started_at for one in complete).timestamp()
        yield _one("last_complete_snapshot_timestamp_seconds", "When the newest complete snapshot began", instance, at)
    calls = _family("calls_this_month", "Calls of this month by Looker's allowance", "allowance")
    days = vault.calls_by_day(f"{vault.now():%Y-%m}")
    for allowance, count in by_allowance(pair for day in days.values() for pair in day.items()).items():
        calls.add_metric([instance, allowance], count)
    yield calls


def _of_snapshot(vault: Vault, snapshot: Snapshot) -> Iterator[GaugeMetricFamily]:
    report, instance = extract_report(vault, snapshot.session_id), _instance(vault)
    yield _one(
        "snapshot_complete", "Whether the newest snapshot is complete", instance, int(report.status == "complete")
    )
    yield _one(
        "snapshot_timestamp_seconds", "When the newest snapshot began", instance, snapshot.started_at.timestamp()
    )
    yield _one("snapshot_duration_seconds", "How long the newest snapshot took", instance, report.duration_seconds)
    yield _one("snapshot_requests", "Requests that the newest snapshot took", instance, report.requests)
    yield _one("snapshot_holes", "What the newest snapshot lacks", instance, len(report.holes))
    objects = _family("objects", "Objects in the newest snapshot", "content_type")
    changes = _family("changes", "What the newest snapshot brought", "content_type", "change")
    for name, counts in report.types.items():
        objects.add_metric([instance, name], counts["captured"])
        for change in ("new", "changed", "deleted"):
            changes.add_metric([instance, name, change], counts[change])
    yield objects
    yield changes
    signs = _family("unusual", "What of the newest snapshot is unlike the nights before it", "sign", "content_type")
    for one in unusual(vault, snapshot.snapshot_id):
        signs.add_metric([instance, one.sign, one.content_type], one.count)
    yield signs


def _one(name: str, told: str, instance: str, value: float) -> GaugeMetricFamily:
    family = _family(name, told)
    family.add_metric([instance], value)
    return family


def _family(name: str, told: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"lookervault_{name}", told, labels=["looker", *labels])


def _instance(vault: Vault) -> str:
    parts = urlsplit(vault.instance_url or "")
    return f"{parts.netloc}{parts.path}" if parts.netloc else "none yet"
