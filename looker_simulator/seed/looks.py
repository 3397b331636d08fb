"""Seeds looks, some of them in the trash."""

from looker_simulator import schema
from looker_simulator.options import Preset
from looker_simulator.seed import queries, words
from looker_simulator.seed.folders import metadata
from looker_simulator.table import Row
from looker_simulator.world import World

COMPUTED = (
    "can",
    "folder",
    "model",
    "user_name",
    "is_owner_disabled",
    "short_url",
    "public_url",
    "embed_url",
    "image_embed_url",
    "excel_file_url",
    "google_spreadsheet_formula",
    "query",
    "url",
    "dashboard_elements",
    "dashboard_filters",
    "dashboard_layouts",
    "last_updater_name",
    "edit_uri",
    "refresh_interval_to_i",
)


def populate(world: World, preset: Preset) -> None:
    """Add the looks; the trashed ones come last."""
    explores = [(row["model_name"], row["name"]) for row in world["explores"]]
    places = places_for_content(world)
    for number in range(preset.looks + preset.trashed_looks):
        model, view = explores[number % len(explores)]
        query = queries.query(world, number, model=model, view=view)
        look = content_row(world, "Look", number, places)
        look |= {"query_id": query["id"], "is_run_on_load": number % 2 == 0, "public": number % 9 == 1}
        look["public_slug"] = words.token(world.random, 10)
        if number >= preset.looks:
            trash(world, look)
        meta = metadata(world, "look", _metadata_of(world, look), inherits=True)
        look["content_metadata_id"] = meta
        world["content_metadata"].change(meta, look_id=world["looks"].add(look)["id"])


def places_for_content(world: World) -> list[tuple[str, str | None]]:
    """Return the folders that hold content, each with the user who must own what is in it (None: anybody)."""
    shared = [
        (row["id"], None)
        for row in world["folders"]
        if not row["is_personal"] and row["parent_id"] and not row["is_embed"]
    ]
    personal = [(row["id"], row["creator_id"]) for row in world["folders"] if row["is_personal"]]
    return shared * 3 + personal[: max(3, len(shared) // 8)]


def content_row(world: World, shape: str, number: int, places: list[tuple[str, str | None]]) -> Row:
    """Return a look or dashboard row that is not stored yet, with an owner, a place, a title and timestamps."""
    random = world.random
    users = world["users"].rows
    folder_id, owner = places[int(random.random() * len(places))]
    odd = number % 4 == 1 and number // 4 < len(words.ODD_TITLES)
    age = 600 - number * 0.05
    row = schema.new(
        shape,
        title=words.ODD_TITLES[number // 4] if odd else f"{words.title(random)} {number}",
        description=(None, "", words.pick(random, words.SENTENCES))[number % 3],
        folder_id=folder_id,
        user_id=owner or list(users)[int(random.random() * len(users))],
        created_at=world.past(days=age),
        updated_at=world.past(days=age * random.random()),
        view_count=int(random.random() ** 3 * 5000),
        usage_count=int(random.random() ** 3 * 5000),
        favorite_count=0,
        last_viewed_at=world.past(days=random.random() * 60) if number % 5 else None,
        last_accessed_at=world.past(days=random.random() * 60) if number % 5 else None,
    )
    row["last_updater_id"] = row["user_id"]
    row["certification_metadata"] = _certified(row) if number % 13 == 4 else None
    for column in COMPUTED:
        row.pop(column, None)
    if number % 3 == 0:
        row["x_unknown_to_the_spec"] = {
            "ratio": queries.RATIO,
            "big": queries.BEYOND_64_BITS,
            "empty": ["", None, {}, []],
        }
    return row


def trash(world: World, row: Row) -> None:
    """Mark a row that is not stored yet as soft-deleted."""
    row |= {
        "deleted": True,
        "deleted_at": world.past(days=world.random.random() * 20),
        "deleter_id": world.admin_user_id,
    }


def _certified(row: Row) -> Row:
    return schema.new(
        "Certification",
        certification_status="certified",
        user_name="Ada Lovelace",
        notes="checked",
        updated_at=row["updated_at"],
    )


def _metadata_of(world: World, row: Row) -> str:
    return world["folders"].rows[row["folder_id"]]["content_metadata_id"]
