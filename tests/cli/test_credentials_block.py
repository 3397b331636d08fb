"""The connection in a Prefect block: the commands that need no flow find it there as well."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from looker_simulator import Simulator, mutate
from tests.cli.conftest import SECRET, Run
from tests.cli.restored import document, is_wrecked, living
from tests.conftest import PATIENCE_S

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("vault_path")]

SAVES = f"""import sys
from tasks.blocks import LookerCredentials
LookerCredentials(base_url=sys.argv[1], client_id="simulator", client_secret={SECRET!r}).save("emea", overwrite=True)
"""
NO_CONNECTION = dict.fromkeys(("LOOKERSDK_BASE_URL", "LOOKERSDK_CLIENT_ID", "LOOKERSDK_CLIENT_SECRET"))


@pytest.fixture
def in_block(looker: Simulator, environment: dict[str, str], on_server: dict[str, str]) -> dict[str, str | None]:
    """The variables of somebody who has the connection in the block `emea` and nowhere else."""
    subprocess.run(
        [sys.executable, "-c", SAVES, looker.base_url], env=environment | on_server, timeout=PATIENCE_S, check=True
    )
    return NO_CONNECTION | on_server


def test_every_command_that_reaches_looker_takes_the_connection_from_the_block(
    cli: Run, looker: Simulator, in_block: dict[str, str | None]
) -> None:
    named = ("--credentials-block", "emea", "--json")
    look = living(looker, "looks")[0]["id"]
    assert all(row["result"] == "ok" for row in document(cli("check", *named, **in_block)))
    assert document(cli("verify", "--against-live", *named, **in_block))["whole"]
    mutate(looker.world, "update", "looks", look, {"title": "Wrecked"})
    assert document(cli("restore", "bulk", "looks", "--dry-run", *named, **in_block))["summary"]["updated_count"] == 1
    done = document(cli("restore", "single", "look", look, "--yes", *named, **in_block))
    assert (done["status"], is_wrecked(looker, "looks", look)) == ("completed", False)
    undone = cli("restore", "undo", "--session-id", done["session_id"], "--yes", *named, **in_block)
    assert document(undone)["status"] == "completed"
    assert is_wrecked(looker, "looks", look)
    looker.faults.add("422", operation="update_look", first=1)
    document(cli("restore", "single", "look", look, "--yes", *named, **in_block), 3)
    assert document(cli("restore", "dlq", "retry", "--yes", *named, **in_block))["status"] == "completed"


def test_the_name_of_the_block_may_be_a_setting_and_a_wrong_one_is_told(
    cli: Run, looker: Simulator, in_block: dict[str, str | None]
) -> None:
    look = living(looker, "looks")[0]["id"]
    mutate(looker.world, "update", "looks", look, {"title": "Wrecked"})
    done = cli("restore", "bulk", "looks", "--yes", "--json", LOOKERVAULT_CREDENTIALS_BLOCK="emea", **in_block)
    assert document(done)["status"] == "completed"
    wrong = cli("check", "--credentials-block", "apac", "--json", **in_block)
    assert wrong.returncode == 2
    assert "there is no block looker-credentials/apac" in json.loads(wrong.stdout)[-1]["detail"]
