"""What access metadata is called: after the folder that it belongs to."""

from __future__ import annotations

from lookervault_core.diff.wording.words import Names
from lookervault_core.families.both_sides import BothSides


def name_of_metadata(sides: BothSides, names: Names, metadata_id: str) -> str:
    """Return the path of the folder that access metadata belongs to; for any other owner the name in the metadata."""
    metadata = sides.backup.readable("content_metadata", metadata_id) or {}
    folder_id = str(metadata.get("folder_id") or "")
    return (names("folders", folder_id, False) if folder_id else "") or str(metadata.get("name") or "")
