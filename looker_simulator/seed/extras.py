"""Seeds what hangs on content: boards, plans, alerts, favourites; and what styles it: themes and colours."""

from looker_simulator import jsontext, schema
from looker_simulator.options import Preset
from looker_simulator.seed import words
from looker_simulator.seed.dashboards import component, element
from looker_simulator.seed.folders import grant, metadata
from looker_simulator.seed.queries import sql_query
from looker_simulator.table import Row
from looker_simulator.world import World


def styles(world: World, preset: Preset) -> None:
    """Add the built-in and the custom colour collections, and the themes."""
    for collection_id, label in (
        ("google", "Google"),
        ("looker-blocks", "Looker Blocks"),
        ("google-theme", "Google Theme"),
    ):
        _collection(world, collection_id, label)
    custom = [words.uuid(world.random), words.uuid(world.random), "corporate-colours"]
    for number, collection_id in enumerate(custom):
        _collection(world, collection_id, f"Corporate {number}" if number else "Corporate 🎨")
    world.default_color_collection_id = "google"
    for number in range(preset.themes):
        _theme(world, number, custom)
    world.default_theme_id = next(iter(world["themes"]))["id"]


def content(world: World, preset: Preset) -> None:
    """Add integrations, boards, scheduled plans, alerts and favourites."""
    _integrations(world)
    alive = [row for row in world["dashboards"] if not row["deleted"]]
    looks = [row for row in world["looks"] if not row["deleted"]]
    for number in range(preset.boards):
        _board(world, number, alive, looks)
    for number in range(preset.scheduled_plans):
        _plan(world, number, alive, looks)
    tiles = [row for row in world["dashboard_elements"] if row["query_id"] and not row.get("_deleted")]
    tiles = [row for row in tiles if not world["dashboards"].rows[row["dashboard_id"]]["deleted"]]
    for number in range(preset.alerts):
        _alert(world, number, tiles)
    for row in alive[:3]:
        _favorite(world, row, "dashboard_id")
    for row in looks[:2]:
        _favorite(world, row, "look_id")
    if len(alive) > 1:
        _sql_tile(world, alive[1])


def _collection(world: World, collection_id: str, label: str) -> None:
    colors = [words.color(world.random) for _ in range(12)]
    stops = [{"color": color, "offset": offset} for color, offset in zip(colors, (0, 50, 100), strict=False)]
    row = {
        "id": collection_id,
        "label": label,
        "categoricalPalettes": [
            {"id": f"{collection_id}-categorical-0", "label": "Categorical", "type": "Categorical", "colors": colors}
        ],
        "sequentialPalettes": [
            {"id": f"{collection_id}-sequential-0", "label": "Sequential", "type": "Sequential", "stops": stops[::2]}
        ],
        "divergingPalettes": [
            {"id": f"{collection_id}-diverging-0", "label": "Diverging", "type": "Diverging", "stops": stops}
        ],
    }
    world["color_collections"].add(row)


def _theme(world: World, number: int, collections: list[str]) -> None:
    settings = schema.new(
        "ThemeSettings",
        background_color=words.color(world.random),
        base_font_size="16px",
        font_family="Roboto",
        color_collection_id=collections[number % 3] if number % 3 else "",
        show_title=True,
        show_filters_bar=True,
        tile_shadow=number % 2 == 0,
        page_margin_top="8px",
    )
    name = "Looker" if number == 0 else f"brand_{number // 2}"  # names are not unique: same name, other times
    world["themes"].add(
        schema.new(
            "Theme",
            name=name,
            settings=settings,
            begin_at=world.past(days=100 * number) if number else None,
            end_at=world.past(days=-400) if number % 3 == 2 else None,
        )
    )


def _board(world: World, number: int, dashboards: list[Row], looks: list[Row]) -> None:
    meta = metadata(world, "homepage", None, inherits=False)
    grant(world, meta, "view", group_id=world.all_users_group_id)
    grant(world, meta, "edit", user_id=world.admin_user_id)
    board = schema.new(
        "Board",
        title=f"{words.pick(world.random, words.TEAMS)} board {number}",
        description=words.SENTENCES[number % 6],
        content_metadata_id=meta,
        created_at=world.past(days=90),
        updated_at=world.past(days=number % 90),
        user_id=world.admin_user_id,
    )
    for column in ("can", "board_sections"):
        del board[column]
    board_id = world["boards"].add(board)["id"]
    world["content_metadata"].change(meta, homepage_id=board_id)
    sections = [_section(world, board_id, number + n, dashboards, looks) for n in range(1 + number % 3)]
    world["boards"].change(board_id, section_order=sections[::-1])
    if number % 5 == 4:
        world["boards"].change(board_id, deleted_at=world.past(days=3))


def _section(world: World, board_id: str, number: int, dashboards: list[Row], looks: list[Row]) -> str:
    section = schema.new(
        "BoardSection",
        board_id=board_id,
        title=words.title(world.random),
        created_at=world.past(days=80),
        updated_at=world.past(days=8),
    )
    for column in ("can", "board_items"):
        del section[column]
    section_id = world["board_sections"].add(section)["id"]
    targets = [
        {"dashboard_id": dashboards[number % len(dashboards)]["id"]},
        {"look_id": looks[number % len(looks)]["id"], "use_custom_title": True, "custom_title": "Renamed on the board"},
        {"lookml_dashboard_id": "model_0::overview"},
        {
            "custom_url": "https://intranet.example/dashboards/1",
            "use_custom_url": True,
            "use_custom_title": True,
            "custom_title": "Link",
        },
    ]
    items = [_item(world, section_id, n, target) for n, target in enumerate(targets[: 2 + number % 3])]
    world["board_sections"].change(section_id, item_order=items[::-1], visible_item_order=items[::-1])
    return section_id


def _item(world: World, section_id: str, n: int, target: Row) -> str:
    return world["board_items"].add(schema.new("BoardItem", board_section_id=section_id, order=n, **target))["id"]


def _plan(world: World, number: int, dashboards: list[Row], looks: list[Row]) -> None:
    users = list(world["users"].rows)
    target: Row = {"dashboard_id": dashboards[number * 7 % len(dashboards)]["id"]}
    if number % 4 == 1:
        target = {"look_id": looks[number * 5 % len(looks)]["id"], "require_results": True}
    elif number % 9 == 8:
        target = {"lookml_dashboard_id": "model_0::overview"}
    elif number % 3 == 0:
        layouts = world["dashboard_layouts"].where("dashboard_id", target["dashboard_id"])
        target |= {
            "tab_ids": [row["id"] for row in layouts if row["label"]],
            "filters_string": "?Region=EMEA&Days=7%20days",
        }
    when = {"datagroup": "model_0::nightly"} if number % 6 == 5 else {"crontab": f"{number % 60} 6 * * 1-5"}
    plan = schema.new(
        "ScheduledPlan",
        name=f"{words.title(world.random)} delivery {number}",
        user_id=users[number % len(users)],
        enabled=number % 5 != 0,
        timezone="Europe/Berlin",
        include_links=True,
        pdf_paper_size="a4",
        pdf_landscape=True,
        created_at=world.past(days=number % 300 + 1),
        updated_at=world.past(days=number % 30),
        next_run_at=world.past(days=-1),
        last_run_at=world.past(hours=5),
        color_theme="Looker",
        **target,
        **when,
    )
    for column in ("can", "user", "title"):
        del plan[column]
    world["scheduled_plans"].add(plan)
    plan["scheduled_plan_destination"] = [
        _destination(plan["id"], next(iter(world["integration_hubs"].rows)), number, n) for n in range(1 + number % 2)
    ]


def _destination(plan_id: str, hub: str, number: int, n: int) -> Row:
    kinds = (
        {"type": "email", "address": f"user{number % 5 + 1}@example.com", "message": "Numbers attached.\n— 📊"},
        {
            "type": f"looker-integration://{hub}::slack",
            "parameters": jsontext.dumps({"channel": "C0123", "initial_comment": ""}).decode(),
        },
        {"type": "s3", "address": "s3://bucket/path", "parameters": '{"region":"eu-west-1"}'},
    )
    row = schema.new(
        "ScheduledPlanDestination",
        id=f"{plan_id}{n}",
        scheduled_plan_id=plan_id,
        format="wysiwyg_pdf",
        apply_vis=True,
        apply_formatting=True,
        **kinds[(number + n) % 3],
    )
    return row | {"secret_parameters": "never shown"}


def _alert(world: World, number: int, tiles: list[Row]) -> None:
    users = list(world["users"].rows)
    tile = tiles[number * 3 % len(tiles)]
    query = world["queries"].rows[tile["query_id"]]
    measure = query["fields"][-1]
    row = schema.new(
        "Alert",
        comparison_type=("GREATER_THAN", "LESS_THAN", "EQUAL_TO")[number % 3],
        threshold=number * 10,
        cron="0 5 * * *",
        dashboard_element_id=tile["id"],
        field={"title": measure, "name": measure, "filter": []},
        owner_id=users[number * 2 % len(users)],
        custom_title=f"Alert {number}" if number % 2 else None,
        is_public=number % 3 == 0,
        is_disabled=number % 6 == 5,
        followable=True,
        investigative_content_type="dashboard",
        investigative_content_id=tile["dashboard_id"],
        enhancements="NONE",
        applied_dashboard_filters=[
            {
                "filter_title": "Region",
                "field_name": f"{query['view']}.region",
                "filter_value": "EMEA",
                "filter_description": None,
            }
        ],
        destinations=[
            {
                "destination_type": "EMAIL",
                "email_address": "alerts@example.com",
                "action_hub_integration_id": None,
                "action_hub_form_params_json": None,
            }
        ],
    )
    for column in ("owner_display_name", "investigative_content_title"):
        del row[column]
    world["alerts"].add(row)


def _favorite(world: World, row: Row, column: str) -> None:
    favorite = schema.new(
        "ContentFavorite",
        user_id=world.admin_user_id,
        content_metadata_id=row["content_metadata_id"],
        **{column: row["id"]},
    )
    row["content_favorite_id"] = world["content_favorites"].add(favorite)["id"]
    row["favorite_count"] = 1


def _sql_tile(world: World, dashboard: Row) -> None:
    query = sql_query(
        world, "SELECT region, COUNT(*) FROM orders GROUP BY 1", "warehouse", "model_0", {"type": "table"}
    )
    maker = schema.new("ResultMakerWithIdVisConfigAndDynamicFields", sql_query_id=query["_id"], filterables=[])
    maker |= {"id": query["result_maker_id"], "vis_config": query["vis_config"]}
    del maker["query"]
    layout = world["dashboard_layouts"].where("dashboard_id", dashboard["id"])[0]
    place = {"title": "Orders by hand-written SQL", "result_maker": maker, "result_maker_id": maker["id"]}
    tile = element(world, dashboard["id"], "vis", None, **place)
    component(world, layout["id"], tile["id"], 40)


def _integrations(world: World) -> None:
    hub = schema.new(
        "IntegrationHub",
        url="https://actions.looker.com",
        label="Looker Actions",
        official=True,
        legal_agreement_signed=True,
    )
    hub_id = world["integration_hubs"].add(hub)["id"]
    params = [
        schema.new(
            "IntegrationParam",
            name=name,
            label=name.title(),
            required=True,
            has_value=True,
            sensitive=name == "token",
            value=None if name == "token" else "example",
        )
        for name in ("workspace", "token")
    ]
    world["integrations"].add(
        schema.new(
            "Integration",
            id=f"{hub_id}::slack",
            integration_hub_id=hub_id,
            label="Slack",
            enabled=True,
            params=params,
            supported_formats=["wysiwyg_pdf"],
            supported_action_types=["dashboard"],
            supported_formattings=["formatted"],
            supported_visualization_formattings=["apply"],
            supported_download_settings=["url"],
            required_fields=[],
            installed_delegate_oauth_targets=[],
        )
    )
