"""Put back what a backup has: plan, keep the state before, write, prove.

1. Sides: the vault gives the items (`backup.py`), Looker's own listings the live objects (`live.py`).
2. Identity: match each item with one live object or none: by id on its own instance, by the id map, by natural key.
3. Plan: compare each item with its live object, purely; unchanged items end here, the others become steps. Nothing is written yet.
4. Begin: plan again what has changed since the plan was shown, enter the session, keep the live state of everything that will be
   written as a snapshot for an undo (`undoing/`).
5. Free the names that other items are to get.
6. Apply: type by type in the order of references, parents before children, the batches of a wave at once. Each write is an intent
   in the journal, the call, its outcome and new id. An item that fails becomes a dead letter; the others go on.
7. Second pass: write items that name objects created after them, and followers; switch alerts and plans on, last of all.
8. Remove objects, if that was asked for; not those that people have put something into since.
9. Proof: read back everything that was written and compare it with the backup (`verify.py`).
10. Report, and close the session (`report.py`).

A run that is killed leaves what it has written: Looker has no transactions, so the instance is between the two states until the
session is resumed or undone. A create without an answer may have made its object: a resume looks for it and adopts it; an undo
that does not see it yet, for a minute on a clustered Looker, leaves it and says so. Temporary names, and plans and alerts that are
still off, stay so until then. Other people's writes to the same objects at the same time may be overwritten, for Looker takes no
condition with a write: an undo only has the state when the restore began, and lists right before they were written.
"""

# What the words of a restore settle when it begins: one that is resumed does as it was told to.
SETTLED = (
    "snapshot",
    "exact",
    "with_dependencies",
    "skip_if_modified",
    "skip_validation",
    "skip_id_mapping",
    "target",
    "deliveries",
    "owner",
    "include_login_settings",
    "checkpoint_interval",
    "max_retries",
    "max_dlq_size",
)
