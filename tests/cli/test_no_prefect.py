"""`lookervault extract --no-prefect`: the same run in this process alone, with the same report and the same exit codes."""

from __future__ import annotations

import json
from pathlib import Path

from looker_simulator import Simulator
from tests.cli.conftest import Run, scripted
from tests.cli.test_extract import COUNTS, KEYS


def test_it_has_the_promised_keys_and_imports_neither_prefect_nor_the_sdk(
    environment: dict[str, str], tmp_path: Path
) -> None:
    script = """
import sys
from flows.cli.app import app
from flows.cli.boundary import run
code = run(app, ["extract", "--no-prefect", "--json"])
print(sorted({name.split(".")[0] for name in sys.modules} & {"prefect", "fastapi", "looker_sdk"}), file=sys.stderr)
sys.exit(code)
"""
    done = scripted(script, environment, tmp_path)
    assert (done.returncode, done.stderr.splitlines()) == (0, ["[]"]), done.stderr
    document = json.loads(done.stdout)
    assert document.keys() >= KEYS
    assert document["status"] == "complete"
    assert all(counts.keys() >= COUNTS for counts in document["types"].values())


def test_holes_make_it_3_and_resume_heals_them_and_a_bad_login_is_4(cli: Run, looker: Simulator) -> None:
    for operation in ("all_boards", "board"):
        looker.faults.add("403", operation=operation)
    partial = cli("extract", "boards", "themes", "--no-prefect", "--json")
    assert partial.returncode == 3, partial.stderr
    assert json.loads(partial.stdout)["holes"][0]["content_type"] == "boards"
    looker.faults.clear()
    healed = cli("extract", "--no-prefect", "--resume", "--json")
    assert (healed.returncode, json.loads(healed.stdout)["status"]) == (0, "complete"), healed.stderr
    assert cli("extract", "--no-prefect", LOOKERSDK_CLIENT_SECRET="wrong").returncode == 4
    assert cli("extract", "--no-prefect", "--credentials-block", "emea").returncode == 2


def test_a_spent_budget_is_said_with_the_way_on(cli: Run) -> None:
    done = cli("extract", "--no-prefect", "--max-calls", "40")
    assert done.returncode == 3, done.stderr
    assert "--max-calls are used up; go on later with --resume" in " ".join(done.stdout.split())
    assert cli("extract", "--no-prefect", "--resume").returncode == 0
