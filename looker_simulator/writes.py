"""Every operation that changes the instance."""

from looker_simulator import (
    writes_attributes,
    writes_boards,
    writes_config,
    writes_content,
    writes_folders,
    writes_groups,
    writes_parts,
    writes_plans,
    writes_queries,
    writes_tiles,
    writes_users,
)

OPERATIONS = [
    *writes_queries.OPERATIONS,
    *writes_content.OPERATIONS,
    *writes_parts.OPERATIONS,
    *writes_tiles.OPERATIONS,
    *writes_folders.OPERATIONS,
    *writes_users.OPERATIONS,
    *writes_groups.OPERATIONS,
    *writes_attributes.OPERATIONS,
    *writes_boards.OPERATIONS,
    *writes_plans.OPERATIONS,
    *writes_config.OPERATIONS,
]
