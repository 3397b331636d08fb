"""Seeds agents with the golden queries that they learn from."""

from looker_simulator import schema
from looker_simulator.agents import AGENTS, QUERIES
from looker_simulator.seed.folders import grant, of_agent
from looker_simulator.table import Row
from looker_simulator.world import World

_COMPUTED = ("can", "golden_queries", "created_by_first_name", "created_by_last_name", "created_by_name")
_NAMES = ("Revenue analyst", "Support – Hilfe 🤖", "Stock", "Retired")


def populate(world: World) -> None:
    """Add four agents; one of them lies in the trash, and two learn from one golden query."""
    owners = [row["id"] for row in world["users"] if not row["is_disabled"]]
    model = next(iter(world["lookml_models"].rows))
    explore = world["explores"].where("model_name", model)[0]["name"]
    asked = [_query(world, number, model, explore) for number in range(5)]
    for number, name in enumerate(_NAMES):
        row = {key: value for key, value in schema.new("Agent").items() if key not in _COMPUTED}
        added = world[AGENTS].add(
            row
            | {
                "name": name,
                "description": f"Answers what people ask about {name.lower()}",
                "category": "conversation",
                "created_by_user_id": owners[number % len(owners)],
                "sources": [{"model": model, "explore": explore}],
                "golden_query_ids": [int(one) for one in asked[number : number + 2]],
                "context": {"instructions": "Net revenue is after returns.\nAnswer in euros."},
                "deleted": name == "Retired",
                "code_interpreter": number == 0,
                "workflow_params": None,
                "created_at": world.past(days=40),
                "updated_at": world.past(days=number),
            }
        )
        meta = of_agent(world, added["id"], added["created_by_user_id"])
        world[AGENTS].change(added["id"], content_metadata_id=meta)
        if number % 2 == 0:
            grant(world, meta, "view", group_id=world.all_users_group_id)


def _query(world: World, number: int, model: str, explore: str) -> str:
    row: Row = {key: value for key, value in schema.new("GoldenQuery").items() if key != "can"}
    row |= {
        "questions": [f"What was revenue {number} days ago?", f"Umsatz vor {number} Tagen?"],
        "answer": f"/explore/{model}/{explore}?fields=orders.total&limit={number + 1}",
        "is_active": True,
        "created_by_user_id": int(world.admin_user_id),
        "created_at": world.past(days=30),
        "model": model,
        "explore": explore,
    }
    return world[QUERIES].add(row)["id"]
