"""Put back what a backup has: plan, keep the state before, write, prove.

1. Sides: the vault gives the items (`backup.py`), Looker's own listings the live objects (`live.py`).
2. Identity: each item matches one live object or none: by id on its own instance, by the id map, by what it is called.
3. Plan: each item beside its live object, purely; what is unchanged ends here, the rest becomes a step. Nothing is written yet.
4. Begin: what has changed since the plan was shown is planned anew, the session is entered, the live state of all that will be
   written is kept as a snapshot for the way back (`undoing/`).
5. Names that others are to get are let go of.
6. Apply: type by type in the order of references, parents before children, batches of a wave at once. Each write is an intent in
   the journal, the call, its outcome and new id. One item that fails is a dead letter; the others go on.
7. Second pass: what names objects made after it, everybody who names what is made anew; alerts and plans go on last of all.
8. Removals, where they were asked for; nothing goes that people have put something into since.
9. Proof: all that was written is read back and compared with the backup (`verify.py`).
10. Report, and the session is closed (`report.py`).

A run that is killed leaves what it has written: Looker has no transactions, so the instance is between the two states until the
session is resumed or undone. A create without an answer may have made its object: a resume looks for it and adopts it; an undo
that does not see it yet, for a minute on a clustered Looker, leaves it and says so. Names that were let go of, and plans and
alerts that are still off, stay so until then. Who writes to the same objects at the same time may be overwritten: Looker takes no
condition with a write; only what was there when the restore began, and lists right before they are written, is kept for an undo.
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
