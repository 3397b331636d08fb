"""The vault's tables and views, and how an older vault becomes one of today.

A step, once released, never changes: a new table or column is a new step at the end. `user_version` counts the steps
that a file has seen; `application_id` says that the file is a vault at all.
"""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x4C4B5654  # "LKVT"

Step = tuple[str, ...]

_TABLES: Step = (
    "CREATE TABLE vault_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # What the items are and what they held.
    """CREATE TABLE content_items (
        item_id INTEGER PRIMARY KEY, content_type TEXT NOT NULL, id TEXT NOT NULL, UNIQUE (content_type, id))""",
    """CREATE TABLE blobs (
        blob_id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, data BLOB NOT NULL)""",
    """CREATE TABLE content_versions (
        version_id INTEGER PRIMARY KEY,
        item_id INTEGER NOT NULL REFERENCES content_items, blob_id INTEGER NOT NULL REFERENCES blobs,
        name TEXT NOT NULL, folder_id TEXT, owner_id TEXT, updated_at TEXT, captured_at TEXT NOT NULL)""",
    "CREATE INDEX versions_of_item ON content_versions (item_id)",
    "CREATE INDEX versions_of_blob ON content_versions (blob_id)",
    # What a version's payload needs and names by id only.
    """CREATE TABLE version_links (
        version_id INTEGER NOT NULL REFERENCES content_versions, content_type TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (version_id, content_type, id)) WITHOUT ROWID""",
    # What each snapshot holds. `change`: 0 new, 1 changed, 2 unchanged; one byte, for there is a row per item and
    # snapshot.
    """CREATE TABLE snapshots (
        snapshot_id INTEGER PRIMARY KEY AUTOINCREMENT, status TEXT NOT NULL, folders TEXT NOT NULL,
        release TEXT NOT NULL, started_at TEXT NOT NULL, closed_at TEXT)""",
    """CREATE TABLE snapshot_types (
        snapshot_id INTEGER NOT NULL REFERENCES snapshots, content_type TEXT NOT NULL, position INTEGER NOT NULL,
        base_snapshot_id INTEGER, surveyed INTEGER NOT NULL DEFAULT 0, complete INTEGER NOT NULL DEFAULT 0,
        listed INTEGER NOT NULL DEFAULT 0, captured INTEGER NOT NULL DEFAULT 0, new INTEGER NOT NULL DEFAULT 0,
        changed INTEGER NOT NULL DEFAULT 0, unchanged INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0,
        holes INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (snapshot_id, content_type)) WITHOUT ROWID""",
    """CREATE TABLE snapshot_items (
        snapshot_id INTEGER NOT NULL REFERENCES snapshots, item_id INTEGER NOT NULL REFERENCES content_items,
        version_id INTEGER NOT NULL REFERENCES content_versions, change INTEGER NOT NULL,
        PRIMARY KEY (snapshot_id, item_id)) WITHOUT ROWID""",
    """CREATE TABLE snapshot_census (
        snapshot_id INTEGER NOT NULL REFERENCES snapshots, item_id INTEGER NOT NULL REFERENCES content_items,
        PRIMARY KEY (snapshot_id, item_id)) WITHOUT ROWID""",
    """CREATE TABLE holes (
        hole_id INTEGER PRIMARY KEY, snapshot_id INTEGER NOT NULL REFERENCES snapshots, content_type TEXT NOT NULL,
        id TEXT, reason TEXT NOT NULL, status INTEGER NOT NULL, opened_at TEXT NOT NULL, healed_at TEXT)""",
    "CREATE UNIQUE INDEX hole_of_item ON holes (snapshot_id, content_type, ifnull(id, ''), id IS NULL)",
    """CREATE TABLE deletions (
        snapshot_id INTEGER NOT NULL REFERENCES snapshots, item_id INTEGER NOT NULL REFERENCES content_items,
        noticed_at TEXT NOT NULL, PRIMARY KEY (snapshot_id, item_id)) WITHOUT ROWID""",
    # What each extraction did, and where it stands.
    """CREATE TABLE extraction_sessions (
        session_id TEXT PRIMARY KEY, snapshot_id INTEGER NOT NULL UNIQUE REFERENCES snapshots, status TEXT NOT NULL,
        options TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT, heartbeat TEXT NOT NULL, failure TEXT)""",
    """CREATE TABLE extraction_checkpoints (
        session_id TEXT NOT NULL REFERENCES extraction_sessions, content_type TEXT NOT NULL,
        start INTEGER NOT NULL, stop INTEGER NOT NULL, next_offset INTEGER NOT NULL, items INTEGER NOT NULL DEFAULT 0,
        holes INTEGER NOT NULL DEFAULT 0, first_id TEXT, last_id TEXT, done INTEGER NOT NULL DEFAULT 0,
        updated_at TEXT NOT NULL, PRIMARY KEY (session_id, content_type, start)) WITHOUT ROWID""",
    """CREATE TABLE extraction_targets (
        session_id TEXT NOT NULL REFERENCES extraction_sessions, content_type TEXT NOT NULL, position INTEGER NOT NULL,
        target TEXT NOT NULL, PRIMARY KEY (session_id, content_type, position)) WITHOUT ROWID""",
    """CREATE TABLE request_counts (
        session_id TEXT NOT NULL, operation TEXT NOT NULL, activity TEXT NOT NULL, calls INTEGER NOT NULL,
        retries INTEGER NOT NULL, errors INTEGER NOT NULL, bytes INTEGER NOT NULL, seconds REAL NOT NULL,
        PRIMARY KEY (session_id, operation, activity)) WITHOUT ROWID""",
    # What each restore did.
    """CREATE TABLE restoration_sessions (
        session_id TEXT PRIMARY KEY, snapshot_id INTEGER REFERENCES snapshots, target TEXT NOT NULL,
        status TEXT NOT NULL, selection TEXT NOT NULL, options TEXT NOT NULL, summary TEXT, started_at TEXT NOT NULL,
        ended_at TEXT, heartbeat TEXT NOT NULL)""",
    """CREATE TABLE restoration_checkpoints (
        session_id TEXT NOT NULL REFERENCES restoration_sessions, content_type TEXT NOT NULL, total INTEGER NOT NULL,
        next_position INTEGER NOT NULL, success INTEGER NOT NULL DEFAULT 0, errors INTEGER NOT NULL DEFAULT 0,
        last_id TEXT, done INTEGER NOT NULL DEFAULT 0, updated_at TEXT NOT NULL,
        PRIMARY KEY (session_id, content_type)) WITHOUT ROWID""",
    """CREATE TABLE restoration_journal (
        entry_id INTEGER PRIMARY KEY, session_id TEXT NOT NULL REFERENCES restoration_sessions,
        content_type TEXT NOT NULL, id TEXT NOT NULL, step TEXT NOT NULL, action TEXT NOT NULL, intent TEXT NOT NULL,
        outcome TEXT, destination_id TEXT, started_at TEXT NOT NULL, finished_at TEXT)""",
    "CREATE INDEX journal_of_item ON restoration_journal (session_id, content_type, id)",
    """CREATE TABLE id_mappings (
        target TEXT NOT NULL, content_type TEXT NOT NULL, source_id TEXT NOT NULL, destination_id TEXT NOT NULL,
        session_id TEXT NOT NULL, created_at TEXT NOT NULL,
        PRIMARY KEY (target, content_type, source_id)) WITHOUT ROWID""",
    """CREATE TABLE dead_letter_queue (
        dead_letter_id INTEGER PRIMARY KEY, session_id TEXT NOT NULL, content_type TEXT NOT NULL, id TEXT NOT NULL,
        name TEXT NOT NULL, operation TEXT NOT NULL, payload_blob_id INTEGER REFERENCES blobs, error_type TEXT NOT NULL,
        status INTEGER NOT NULL, message TEXT NOT NULL, traceback TEXT NOT NULL, request_id TEXT NOT NULL,
        retry_count INTEGER NOT NULL, created_at TEXT NOT NULL, resolved_at TEXT)""",
    "CREATE INDEX dead_letters_of_session ON dead_letter_queue (session_id)",
)  # fmt: skip

# Which snapshot speaks for a content type: the newest complete one that no folder narrows, else the newest partial one.
_VISIBLE_SNAPSHOTS = """CREATE VIEW visible_snapshots AS
    SELECT content_type, snapshot_id FROM (
        SELECT t.content_type, s.snapshot_id, row_number() OVER (
            PARTITION BY t.content_type ORDER BY s.status = 'complete' DESC, s.snapshot_id DESC) AS rank
        FROM snapshot_types t JOIN snapshots s USING (snapshot_id)
        WHERE s.status IN ('complete', 'partial') AND s.folders = '[]')
    WHERE rank = 1"""

_VIEWS: Step = (
    _VISIBLE_SNAPSHOTS,
    """CREATE VIEW snapshot_contents AS
        SELECT s.snapshot_id, i.content_type, i.id, v.name, v.folder_id, v.owner_id, v.updated_at, v.captured_at,
            CASE s.change WHEN 0 THEN 'new' WHEN 1 THEN 'changed' ELSE 'unchanged' END AS change,
            s.version_id, lower(hex(b.sha256)) AS sha256, b.size
        FROM snapshot_items s JOIN content_items i USING (item_id)
            JOIN content_versions v USING (version_id) JOIN blobs b USING (blob_id)""",
    """CREATE VIEW current_items AS
        SELECT c.* FROM snapshot_contents c JOIN visible_snapshots v USING (content_type, snapshot_id)""",
    """CREATE VIEW open_holes AS
        SELECT snapshot_id, content_type, id, reason, status, opened_at FROM holes WHERE healed_at IS NULL""",
    """CREATE VIEW latest_sessions AS
        SELECT session_id, 'extract' AS kind, snapshot_id, status, started_at, ended_at FROM extraction_sessions
        UNION ALL
        SELECT session_id, 'restore', snapshot_id, status, started_at, ended_at FROM restoration_sessions
        ORDER BY started_at DESC""",
)

# What a snapshot took over unread: it is of the time at which it was read, unless a listing has proven it unchanged.
_CARRIED: Step = (
    "ALTER TABLE snapshot_items ADD COLUMN carried INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE snapshot_items ADD COLUMN read_at TEXT",
    "ALTER TABLE snapshot_types ADD COLUMN carried INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE snapshot_types ADD COLUMN oldest_read_at TEXT",
)

# What a snapshot knows of its own limits, without lacking anything that it could hold.
_NOTES: Step = (
    """CREATE TABLE snapshot_notes (
        snapshot_id INTEGER NOT NULL REFERENCES snapshots, content_type TEXT NOT NULL, id TEXT NOT NULL,
        kind TEXT NOT NULL, detail TEXT NOT NULL,
        PRIMARY KEY (snapshot_id, content_type, id, kind)) WITHOUT ROWID""",
)

# Which snapshot a restore takes a type from: one of the whole instance before one of some types, whatever came first. Nobody
# who extracts the dashboards after a damage means that damage for the backup of them.
_SPEAKING: Step = (
    """CREATE VIEW speaking_snapshots AS
    SELECT content_type, snapshot_id FROM (
        SELECT t.content_type, s.snapshot_id, row_number() OVER (
            PARTITION BY t.content_type ORDER BY CASE
                WHEN json_extract(e.options, '$.extract.types') IS NULL AND s.status = 'complete' THEN 0
                WHEN json_extract(e.options, '$.extract.types') IS NULL AND t.complete THEN 1
                WHEN s.status = 'complete' THEN 2
                WHEN json_extract(e.options, '$.extract.types') IS NULL THEN 3
                ELSE 4 END, s.snapshot_id DESC) AS rank
        FROM snapshot_types t JOIN snapshots s USING (snapshot_id) JOIN extraction_sessions e USING (snapshot_id)
        WHERE s.status IN ('complete', 'partial') AND s.folders = '[]')
    WHERE rank = 1""",
)

# Which blanks an instance does not keep, in the release that a restore met.
_UNKEPT: Step = (
    """CREATE TABLE unkept_blanks (
        target TEXT NOT NULL, release TEXT NOT NULL, content_type TEXT NOT NULL, path TEXT NOT NULL, sent TEXT NOT NULL,
        kept TEXT NOT NULL, session_id TEXT NOT NULL,
        PRIMARY KEY (target, release, content_type, path, sent)) WITHOUT ROWID""",
)

# What was asked of Looker on each day, in UTC; it stays when the runs are pruned.
_CALLS: Step = (
    """CREATE TABLE calls_by_day (
        day TEXT NOT NULL, activity TEXT NOT NULL, calls INTEGER NOT NULL, PRIMARY KEY (day, activity)) WITHOUT ROWID""",
    """INSERT INTO calls_by_day SELECT substr(s.started_at, 1, 10), r.activity, sum(r.calls)
        FROM request_counts r JOIN latest_sessions s USING (session_id) GROUP BY 1, 2""",
)

# What an instance said of its own API when a snapshot of it was taken.
_DESCRIPTIONS: Step = (
    """CREATE TABLE snapshot_descriptions (
        snapshot_id INTEGER PRIMARY KEY REFERENCES snapshots, blob_id INTEGER NOT NULL REFERENCES blobs)""",
    "CREATE INDEX descriptions_of_blob ON snapshot_descriptions (blob_id)",
)

# What came of a write as one of a few words, where `outcome` says it to people; and whether Looker copies rows into the list of
# what is written.
_CAME: Step = (
    "ALTER TABLE restoration_journal ADD COLUMN came TEXT",
    "ALTER TABLE restoration_journal ADD COLUMN copies INTEGER NOT NULL DEFAULT 0",
    """UPDATE restoration_journal SET came = CASE WHEN outcome LIKE 'failed: %' THEN 'refused'
        WHEN outcome IN ('done', 'adopted') THEN outcome ELSE 'unknown' END WHERE outcome IS NOT NULL""",
    """UPDATE restoration_journal SET copies = 1
        WHERE content_type = 'content_metadata' AND intent LIKE '%"inherits":false%'""",
)

# Which values an instance has refused by the names of their fields, in the release that a restore met.
_REFUSED: Step = (
    """CREATE TABLE refused_values (
        target TEXT NOT NULL, release TEXT NOT NULL, content_type TEXT NOT NULL, live_id TEXT NOT NULL,
        field TEXT NOT NULL, sha256 TEXT NOT NULL, reason TEXT NOT NULL, session_id TEXT NOT NULL,
        PRIMARY KEY (target, release, content_type, live_id, field, sha256)) WITHOUT ROWID""",
)

# What changed from one snapshot to the next, with who did it. `kind`: 0 created, 1 changed, 2 deleted, 3 only moved. Which
# version says what differs; of what lies in the trash by now the later version is the one in there.
CHANGES: Step = (
    """CREATE TABLE object_changes (
        change_id TEXT PRIMARY KEY, item_id INTEGER NOT NULL REFERENCES content_items, kind INTEGER NOT NULL,
        moved INTEGER NOT NULL, from_snapshot_id INTEGER NOT NULL, to_snapshot_id INTEGER NOT NULL,
        before_version_id INTEGER, after_version_id INTEGER, author_id TEXT, how TEXT NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX changes_of_item ON object_changes (item_id)",
    "CREATE INDEX changes_to_snapshot ON object_changes (to_snapshot_id)",
    "CREATE TABLE indexed_snapshots (snapshot_id INTEGER PRIMARY KEY)",
    """CREATE TABLE version_slugs (
        slug TEXT NOT NULL, version_id INTEGER NOT NULL, PRIMARY KEY (slug, version_id)) WITHOUT ROWID""",
)

# Which fields objects ask for, and which they did; what the tiles of each dashboard are now. The fields of an object are one text,
# `,3,17,`: a row for each would be as large as what it indexes. In plain columns they stand in the views.
FIELDS: Step = (
    "CREATE TABLE explores (explore_id INTEGER PRIMARY KEY, model TEXT NOT NULL, explore TEXT NOT NULL, UNIQUE (model, explore))",
    """CREATE TABLE fields (
        field_id INTEGER PRIMARY KEY, explore_id INTEGER NOT NULL REFERENCES explores, field TEXT NOT NULL,
        UNIQUE (explore_id, field))""",
    """CREATE TABLE item_fields (
        item_id INTEGER PRIMARY KEY REFERENCES content_items, now TEXT NOT NULL, earlier TEXT NOT NULL)""",
    """CREATE TABLE tiles (
        item_id INTEGER NOT NULL REFERENCES content_items, tile_id TEXT NOT NULL, title TEXT NOT NULL, type TEXT NOT NULL,
        explore_id INTEGER REFERENCES explores, query_id TEXT NOT NULL, PRIMARY KEY (item_id, tile_id)) WITHOUT ROWID""",
    # An index that was made before these are there is made again.
    "DELETE FROM object_changes",
    "DELETE FROM indexed_snapshots",
    """CREATE VIEW changes AS
        SELECT c.change_id, i.content_type, i.id, ifnull(v.name, w.name) AS name,
            CASE c.kind WHEN 0 THEN 'created' WHEN 1 THEN 'changed' WHEN 2 THEN 'deleted' ELSE 'moved' END AS kind,
            ifnull(v.folder_id, w.folder_id) AS folder_id, c.from_snapshot_id, c.to_snapshot_id,
            f.started_at AS not_before, ifnull(t.closed_at, t.started_at) AS not_after, c.author_id, c.how,
            c.before_version_id, c.after_version_id
        FROM object_changes c JOIN content_items i USING (item_id)
            JOIN snapshots f ON f.snapshot_id = c.from_snapshot_id JOIN snapshots t ON t.snapshot_id = c.to_snapshot_id
            LEFT JOIN content_versions v ON v.version_id = c.after_version_id
            LEFT JOIN content_versions w ON w.version_id = c.before_version_id""",
    """CREATE VIEW dashboard_tiles AS
        SELECT c.id AS dashboard_id, c.name AS dashboard, c.folder_id, t.tile_id, t.title, t.type, e.model, e.explore,
            t.query_id
        FROM tiles t JOIN content_items i USING (item_id) JOIN current_items c USING (content_type, id)
            LEFT JOIN explores e USING (explore_id)""",
    """CREATE VIEW query_fields AS
        SELECT e.model, e.explore, f.field, c.content_type, c.id, c.name, c.folder_id
        FROM item_fields n JOIN json_each('[' || trim(n.now, ',') || ']') j JOIN fields f ON f.field_id = j.value
            JOIN explores e USING (explore_id) JOIN content_items i ON i.item_id = n.item_id
            JOIN current_items c ON c.content_type = i.content_type AND c.id = i.id""",
    """CREATE VIEW payloads AS
        SELECT c.*, b.data FROM current_items c JOIN content_versions v USING (version_id) JOIN blobs b USING (blob_id)""",
)

# The words of the texts in each version, to be searched; a row has the number of its version. Neither the texts nor where in them a
# word stands are kept: the payload has both.
TEXTS: Step = (
    """CREATE VIRTUAL TABLE version_texts USING fts5(
        words, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 2')""",
    # An index that was made before is made again.
    "DELETE FROM object_changes",
    "DELETE FROM version_slugs",
    "DELETE FROM indexed_snapshots",
)

# How often each snapshot showed each sign of trouble; it stays when the snapshot is pruned. The row without a sign says that
# they are counted, and whether the snapshot ends a night.
_SIGNS: Step = (
    """CREATE TABLE snapshot_signs (
        snapshot_id INTEGER NOT NULL, sign TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (snapshot_id, sign)) WITHOUT ROWID""",
)

# What snapshots hold, as spans that hold from one to another: see `contents/spans.py`. The rows of before begin as they were, in
# lanes of their own; they are folded when the next snapshot is closed.
_IN_SPAN = "l.lane_id = s.lane_id AND l.snapshot_id >= s.since AND (s.until IS NULL OR l.snapshot_id < s.until)"
_SPANS: Step = (
    "CREATE TABLE lanes (lane_id INTEGER PRIMARY KEY, content_type TEXT NOT NULL, head INTEGER)",
    "CREATE UNIQUE INDEX shared_lanes ON lanes (content_type, head) WHERE head IS NOT NULL",
    """CREATE TABLE snapshot_lanes (
        snapshot_id INTEGER NOT NULL REFERENCES snapshots, content_type TEXT NOT NULL, lane_id INTEGER NOT NULL REFERENCES lanes,
        PRIMARY KEY (snapshot_id, content_type)) WITHOUT ROWID""",
    "CREATE INDEX snapshots_of_lane ON snapshot_lanes (lane_id, snapshot_id)",
    "CREATE TABLE read_times (time_id INTEGER PRIMARY KEY, at TEXT NOT NULL UNIQUE)",
    """CREATE TABLE item_spans (
        lane_id INTEGER NOT NULL REFERENCES lanes, item_id INTEGER NOT NULL REFERENCES content_items, since INTEGER NOT NULL,
        until INTEGER, version_id INTEGER NOT NULL REFERENCES content_versions, change INTEGER NOT NULL,
        carried INTEGER NOT NULL, time_id INTEGER REFERENCES read_times, later_carried INTEGER,
        later_time_id INTEGER REFERENCES read_times, PRIMARY KEY (lane_id, item_id, since)) WITHOUT ROWID""",
    """INSERT INTO snapshot_lanes SELECT snapshot_id, content_type, row_number() OVER (ORDER BY snapshot_id, content_type)
        FROM (SELECT DISTINCT snapshot_id, content_type FROM snapshot_items JOIN content_items USING (item_id))""",
    "INSERT INTO lanes (lane_id, content_type) SELECT lane_id, content_type FROM snapshot_lanes",
    "INSERT INTO read_times (at) SELECT DISTINCT read_at FROM snapshot_items WHERE read_at IS NOT NULL",
    """INSERT INTO item_spans (lane_id, item_id, since, version_id, change, carried, time_id)
        SELECT l.lane_id, s.item_id, s.snapshot_id, s.version_id, s.change, s.carried, r.time_id
        FROM snapshot_items s JOIN content_items i USING (item_id) JOIN snapshot_lanes l USING (snapshot_id, content_type)
            LEFT JOIN read_times r ON r.at = s.read_at ORDER BY 1, 2""",
    "DROP TABLE snapshot_items",
    f"""CREATE VIEW snapshot_items AS
        SELECT l.snapshot_id, s.item_id, s.version_id, iif(l.snapshot_id = s.since, s.change, 2) AS change,
            iif(l.snapshot_id = s.since, s.carried, s.later_carried) AS carried,
            (SELECT r.at FROM read_times r
                WHERE r.time_id = iif(l.snapshot_id = s.since, s.time_id, s.later_time_id)) AS read_at
        FROM snapshot_lanes l JOIN content_items k ON k.content_type = l.content_type
            JOIN item_spans s ON s.item_id = k.item_id AND {_IN_SPAN}""",
    # The spans in which a snapshot lies, with the first one.
    f"""CREATE VIEW held_spans AS
        SELECT * FROM (SELECT s.lane_id, s.item_id, s.version_id, (SELECT l.snapshot_id FROM snapshot_lanes l WHERE {_IN_SPAN}
            ORDER BY l.snapshot_id LIMIT 1) AS first_snapshot_id FROM item_spans s)
        WHERE first_snapshot_id IS NOT NULL""",
)

# Which dashboards show which looks, or did.
LOOKS: Step = (
    """CREATE TABLE shown_looks (
        look_id TEXT NOT NULL, item_id INTEGER NOT NULL REFERENCES content_items, PRIMARY KEY (look_id, item_id)) WITHOUT ROWID""",
    # What was indexed before is read once more for it.
    "INSERT INTO vault_meta SELECT 'looks_unnoted', '' WHERE EXISTS (SELECT 1 FROM indexed_snapshots)",
)

STEPS: tuple[Step, ...] = (
    _TABLES + _VIEWS,
    _CARRIED,
    _NOTES,
    _SPEAKING,
    _UNKEPT,
    _CALLS,
    _DESCRIPTIONS,
    _CAME,
    _REFUSED,
    CHANGES,
    FIELDS,
    TEXTS,
    _SIGNS,
    _SPANS,
    LOOKS,
)


def version(db: sqlite3.Connection) -> int:
    """Return how many steps the file has seen; 0 for one that is still empty."""
    return db.execute("PRAGMA user_version").fetchone()[0]


def upgrade(db: sqlite3.Connection, steps: tuple[Step, ...]) -> None:
    """Take the steps that the file lacks, inside the caller's transaction."""
    # Imported here: it takes 0.2 s, and only a new or an older vault needs it.
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    first = version(db) + 1
    migrations = Migrations("lookervault")
    for number, step in enumerate(steps[first - 1 :], first):

        @migrations(name=f"v{number}")
        def take(database: Database, step: Step = step) -> None:
            for statement in step:
                database.execute(statement)

    migrations.apply(Database(db))
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {len(steps)}")
