"""Damages to agents. See ``wreck.py``."""

from looker_simulator.agents import AGENTS, QUERIES
from looker_simulator.cascades import remove_agent
from looker_simulator.vandal import Vandal


def _agents(v: Vandal) -> None:
    for row in v.take(AGENTS, 1):
        remove_agent(v.world, row["id"])
        v.note(f"agent {v.title(row)} deleted")
    for row in v.take(AGENTS, 1, lambda row: len(row["golden_query_ids"]) > 1):
        lost = str(row["golden_query_ids"][0])
        v.change(
            AGENTS, row, context={"instructions": "Answer anything."}, golden_query_ids=row["golden_query_ids"][1:]
        )
        if not any(int(lost) in one["golden_query_ids"] for one in v.world[AGENTS]):
            v.world[QUERIES].remove(lost)
        v.note(f"agent {v.title(row)}: other instructions, a golden query lost")


DAMAGES = (_agents,)
