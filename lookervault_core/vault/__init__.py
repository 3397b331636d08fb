"""The vault: one SQLite file that holds every snapshot, item and blob, and the ledger of the runs that made them."""

from lookervault_core.vault.rows import (
    BlobCheck,
    Garbage,
    ItemRow,
    OpenHole,
    PageCount,
    RequestCount,
    Stats,
    TypeStats,
    VersionRow,
)
from lookervault_core.vault.store import Vault

__all__ = [
    "BlobCheck",
    "Garbage",
    "ItemRow",
    "OpenHole",
    "PageCount",
    "RequestCount",
    "Stats",
    "TypeStats",
    "Vault",
    "VersionRow",
]
