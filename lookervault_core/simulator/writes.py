"""Every operation that changes the instance."""

from lookervault_core.simulator import (
    writes_content,
    writes_folders,
    writes_parts,
    writes_queries,
    writes_tiles,
)

OPERATIONS = [
    *writes_queries.OPERATIONS,
    *writes_content.OPERATIONS,
    *writes_parts.OPERATIONS,
    *writes_tiles.OPERATIONS,
    *writes_folders.OPERATIONS,
]
