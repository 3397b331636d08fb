"""Seeds folders, their content metadata and access rows."""

from looker_simulator import schema
from looker_simulator.options import Preset
from looker_simulator.seed import words
from looker_simulator.world import World


def populate(world: World, preset: Preset) -> None:
    """Add the roots, one personal folder per user, *preset.folders* shared ones and the access rows."""
    shared = folder(world, "Shared", None, is_shared_root=True, access=world.all_users_group_id)
    users_root = folder(world, "Users", None, is_users_root=True, access=world.all_users_group_id)
    embed_root = folder(world, "Embed Groups", None, is_embed=True, is_embed_shared_root=True, access="")
    folder(world, "Embed Users", None, is_embed=True, is_embed_users_root=True, access="")
    folder(world, "LookML Dashboards", None, id="lookml", access=world.all_users_group_id)
    folder(world, "acme", embed_root, is_embed=True, external_id="acme")
    for user in world["users"]:
        if not user["credentials_embed"]:
            _personal(world, users_root, user["id"])
    _shared(world, shared, preset.folders)


def folder(world: World, name: str, parent_id: str | None, *, access: str | None = None, **values: object) -> str:
    """Return the id of a new folder with its content metadata. *access* names the one group that sees it; None inherits."""
    above = world["folders"].get(parent_id)
    meta = metadata(world, "folder", above["content_metadata_id"] if above else None, inherits=access is None)
    row = schema.new(
        "Folder", name=name, parent_id=parent_id, content_metadata_id=meta, created_at=world.past(days=500), **values
    )
    for column in ("dashboards", "looks"):
        del row[column]
    folder_id = world["folders"].add(row)["id"]
    world["content_metadata"].change(meta, folder_id=folder_id)
    if access:
        grant(world, meta, "view", group_id=access)
    return folder_id


def metadata(world: World, kind: str, parent_id: str | None, *, inherits: bool = True) -> str:
    """Return the id of new content metadata of a *kind*."""
    row = schema.new("ContentMeta", parent_id=parent_id, content_type=kind, inherits=inherits)
    return world["content_metadata"].add(row)["id"]


def grant(
    world: World, meta_id: str, permission: str, *, group_id: str | None = None, user_id: str | None = None
) -> None:
    """Add an access row for a group or a user."""
    world["content_metadata_access"].add(
        schema.new(
            "ContentMetaGroupUser",
            content_metadata_id=meta_id,
            permission_type=permission,
            group_id=group_id,
            user_id=user_id,
        )
    )


def of_agent(world: World, agent_id: str, owner_id: str) -> str:
    """Return the id of the metadata of a new agent: its own list, in which its owner may edit (OpenAPI 4.0.26.12, ContentMeta)."""
    meta = metadata(world, "agent", None, inherits=False)
    world["content_metadata"].change(meta, agent_id=agent_id)
    grant(world, meta, "edit", user_id=owner_id)
    return meta


def _personal(world: World, users_root: str, user_id: str) -> None:
    user = world["users"].rows[user_id]
    name = f"{user['first_name'] or ''} {user['last_name'] or ''}".strip()
    own = folder(world, name, users_root, access="", is_personal=True, creator_id=user_id)
    grant(world, world["folders"].rows[own]["content_metadata_id"], "edit", user_id=user_id)
    world["users"].change(user_id, personal_folder_id=own, home_folder_id=own)
    if (int(user_id) - world.options.id_offset) % 6 == 0:
        folder(world, "drafts", own, is_personal_descendant=True, creator_id=user_id)


def _shared(world: World, shared: str, count: int) -> None:
    groups = list(world["groups"].rows)
    users = list(world["users"].rows)
    made = [shared]
    for number in range(count):
        parent = made[0] if number < 6 else made[int(world.random.random() ** 2 * len(made))]
        name = (
            words.ODD_TITLES[number]
            if number % 7 == 5 and number < len(words.ODD_TITLES)
            else words.title(world.random)
        )
        closed = number % 8 == 4
        made.append(
            folder(
                world,
                f"{name} {number}",
                parent,
                access=groups[number % len(groups)] if closed else None,
                creator_id=users[number % len(users)],
            )
        )
        if closed:
            meta = world["folders"].rows[made[-1]]["content_metadata_id"]
            grant(world, meta, "edit", user_id=users[(number * 3) % len(users)])
