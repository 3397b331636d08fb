"""`where-used` as a command, and what a reader of the README would type."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Run


def test_a_field_is_looked_up_and_payloads_are_read_from_sql(cli: Run, vault_path: Path) -> None:
    assert json.loads(cli("where-used", "no.such.field", "--json").stdout) == []
    with closing(sqlite3.connect(vault_path)) as db:
        name, held = db.execute(
            "SELECT model || '.' || explore || '.' || field, id FROM query_fields WHERE content_type = 'dashboards' LIMIT 1"
        ).fetchone()
        look, asked = db.execute(
            "SELECT id, model || '.' || explore || '.' || field FROM query_fields JOIN shown_looks ON look_id = id"
            " WHERE content_type = 'looks' LIMIT 1"
        ).fetchone()
    assert f"looks {look}" in {one["via"] for one in json.loads(cli("where-used", asked, "--json").stdout)}
    assert f"by look {look}" in cli("where-used", asked).stdout
    found = json.loads(cli("where-used", name, "--at", "now", "--json").stdout)
    assert held in {one["id"] for one in found if one["content_type"] == "dashboards"}
    assert held in cli("where-used", name).stdout
    assert cli("where-used", "orders").returncode == 2
    done = subprocess.run(
        [
            sys.executable, "-m", "sqlite_utils", "query", str(vault_path),
            "SELECT id, json_extract(payload(data), '$.title') AS title FROM payloads WHERE content_type = 'dashboards'",
            "--functions", "from lookervault_core.history.sql import payload",
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert all(row["title"] for row in json.loads(done.stdout))
