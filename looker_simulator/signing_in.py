"""What a first sign-in through an identity provider does: it finds its user, or makes one."""

from looker_simulator import schema
from looker_simulator import shapes_people as shape
from looker_simulator.seed.people import PROVIDERS
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writes_users import new_user, personal_folder
from looker_simulator.writing import blank


def sign_in(world: World, kind: str, address: str) -> str:
    """Let a person sign in through a provider and return the id of the user: the one with that login, else the one with a login
    by e-mail of that *address* (``SAMLConfig.new_user_migration_types``: email), else a new one."""
    with world.lock:
        field = f"credentials_{kind}"
        known = next((row for row in world["users"] if (row.get(field) or {}).get("email") == address), None)
        if known is not None:
            return known["id"]
        by_email = world["credentials_email"].where("email", address)
        user = world["users"].rows[by_email[0]["user_id"]] if by_email else _new(world)
        login = schema.new(dict(PROVIDERS)[kind], can={"show": True}, type=kind, email=address, created_at=world.now())
        world["users"].change(user["id"], **{field: login, "email": address})
        return user["id"]


def _new(world: World) -> Row:
    user = world["users"].add(
        blank(shape.USER) | new_user() | {"first_name": "", "last_name": "", "is_disabled": False}
    )
    personal_folder(world, user)
    return user
