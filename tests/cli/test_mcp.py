"""`mcp` to the official client over a real process: what the commands say, and nothing that writes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

from looker_simulator import Simulator, mutate
from tests.cli.conftest import SECRET, Run, program

TOOLS = {"search", "show", "log", "diff", "where_used", "access", "snapshots", "plan"}
Ask = Callable[..., Awaitable[Any]]


def test_a_client_reads_the_backup_and_cannot_write(
    cli: Run, environment: dict[str, str], looker: Simulator, vault_path: Path
) -> None:
    one = next(row for row in looker.world["dashboards"] if not row["deleted"])
    mutate(looker.world, "update", "dashboards", one["id"], {"title": "Changed\x1b[2Jtitle", "description": "since"})
    shown = cli("show", "dashboard", one["id"]).stdout
    before = looker.oracle()
    found = asyncio.run(_asked(environment, one["id"]))
    assert set(found["tools"]) == TOOLS
    assert all(one.annotations.read_only_hint for one in found["tools"].values())
    assert json.loads(found["show"]) == json.loads(shown)
    assert {row["id"] for row in json.loads(found["search"]) if row["content_type"] == "dashboards"} >= {one["id"]}
    assert json.loads(found["access"])[0]["admin"]
    plan = json.loads(found["plan"])
    assert plan["status"] == "planned"
    assert "title" in {field["path"] for step in plan["plan"] for field in step["fields"]}
    assert found["errors"] == [True, True, True]
    assert "snapshot 1 does not hold it" in found["unknown"]
    assert looker.oracle() == before
    assert not looker.world.fired
    everything = json.dumps({name: str(text) for name, text in found.items()})
    assert SECRET not in everything
    assert "never shown" not in everything


async def _asked(environment: dict[str, str], dashboard: str) -> dict[str, Any]:
    command, *arguments = program()
    parameters = StdioServerParameters(command=command, args=[*arguments, "mcp"], env=environment)
    async with Client(parameters) as client:
        tools = await client.list_tools()
        wrong = [
            await client.call_tool("show", {"content_type": "dashboards", "name": "no such thing"}),
            await client.call_tool("show", {"content_type": "--yes", "name": "--db-path=/etc/passwd"}),
            await client.call_tool("log", {"since": "--help"}),
        ]
        calls = {
            "show": {"content_type": "dashboards", "name": dashboard},
            "search": {"text": "a", "content_type": "dashboards", "limit": 1000},
            "access": {},
            "snapshots": {},
            "log": {"content_type": "dashboards"},
            "plan": {"content_type": "dashboard", "name": dashboard},
        }
        answers = {name: _text(await client.call_tool(name, given)) for name, given in calls.items()}
        return answers | {
            "tools": {one.name: one for one in tools.tools},
            "errors": [bool(one.is_error) for one in wrong],
            "unknown": _text(wrong[0]),
        }


def _text(result: Any) -> str:
    return "".join(one.text for one in result.content)
