"""What a twin is told of content: dashboards with all that is in them, looks, queries, boards."""

from typing import Any

from looker_simulator import jsontext, schema
from looker_simulator import shapes_content as shape
from looker_simulator import shapes_people as more
from looker_simulator.agents import AGENT, GOLDEN_QUERY
from looker_simulator.shapes import CHILDREN
from looker_simulator.table import Row
from looker_simulator.twin.packed import pack
from looker_simulator.twin.rows import Rows
from looker_simulator.world import World
from looker_simulator.writing import blank


class Content:
    """Adds content to *world*."""

    def __init__(self, world: World, rows: Rows) -> None:
        self._world = world
        self._rows = rows

    def folder(self, _: str, raw: bytes) -> None:
        """Add a folder."""
        self._world["folders"].add(
            self._rows.row(shape.FOLDER_BASE, _without(jsontext.loads(raw), "looks", "dashboards"))
        )

    def metadata(self, _: str, raw: bytes) -> None:
        """Add the metadata of a folder or a board."""
        self._world["content_metadata"].add(self._rows.row(more.CONTENT_META, jsontext.loads(raw)))

    def access_list(self, _: str, raw: bytes) -> None:
        """Add the rows of one access list."""
        for told in jsontext.loads(raw):
            self._world["content_metadata_access"].add(self._rows.row(more.ACCESS, told))

    def look(self, _: str, raw: bytes) -> None:
        """Add a look, and the query that it shows."""
        told = jsontext.loads(raw)
        self._query(told.get("query"))
        look = self._world["looks"].add(self._rows.row(shape.LOOK_WITH_QUERY, told))
        self._metadata_of(look, "look")

    def query(self, _: str, raw: bytes) -> None:
        """Add a query."""
        self._query(jsontext.loads(raw))

    def merge_query(self, _: str, raw: bytes) -> None:
        """Add a merge query."""
        self._world["merge_queries"].add(self._rows.row(shape.MERGE_QUERY, jsontext.loads(raw)))

    def dashboard(self, _: str, raw: bytes) -> None:
        """Add a dashboard with its tiles, filters, tabs and their places; those stay packed that show nothing from elsewhere."""
        head = pack(self._world, raw)
        told = jsontext.loads(head or raw)
        row = self._world["dashboards"].add(self._rows.row(shape.DASHBOARD, told))
        for key in CHILDREN:
            row.pop(key, None)
        lacking = row.get("_told")
        if head and lacking:  # they are shown all the same
            row["_told"] = (lacking[0], lacking[1] - set(CHILDREN), lacking[2])
        self._metadata_of(row, "dashboard")
        self.parts(row["id"], told)

    def parts(self, dashboard_id: str, told: Row) -> None:
        """Add what is in a dashboard."""
        for tile in told.get("dashboard_elements") or ():
            self._tile(dashboard_id, tile)
        for item in told.get("dashboard_filters") or ():
            self._world["dashboard_filters"].add(self._rows.row(shape.FILTER, item))
        for layout in told.get("dashboard_layouts") or ():
            self._world["dashboard_layouts"].add(self._rows.row(shape.LAYOUT, layout))
            for place in layout.get("dashboard_layout_components") or ():
                self._place(dashboard_id, place)

    def lookml_dashboard(self, _: str, raw: bytes) -> None:
        """Add a LookML dashboard, which carries its parts."""
        told = jsontext.loads(raw)
        parts = {key: told.get(key) or [] for key in CHILDREN}
        self._world["lookml_dashboards"].add(self._rows.row(shape.DASHBOARD, told) | parts)
        for tile in parts["dashboard_elements"]:
            self._query(tile.get("query"))

    def picture(self, name: str, raw: bytes) -> None:
        """Give a picture that a tile names its bytes; one that no tile names is no picture of the twin."""
        dashboard_id, _, slug = name.partition("::")
        for row in self._world["dashboard_images"].where("dashboard_id", dashboard_id):
            if row["slug"] == slug:
                row["data"] = raw

    def board(self, _: str, raw: bytes) -> None:
        """Add a board with its sections and what is in them."""
        told = jsontext.loads(raw)
        self._world["boards"].add(self._rows.row(more.BOARD, told))
        for section in told.get("board_sections") or ():
            self._world["board_sections"].add(self._rows.row(more.BOARD_SECTION, section))
            for item in section.get("board_items") or ():
                self._world["board_items"].add(self._rows.row(more.BOARD_ITEM, item))

    def agent(self, _: str, raw: bytes) -> None:
        """Add an agent and the golden queries that it shows."""
        told = jsontext.loads(raw)
        self._world["agents"].add(self._rows.row(AGENT, told))
        for query in told.get("golden_queries") or ():
            self._world["golden_queries"].add(self._rows.row(GOLDEN_QUERY, query, id=str(query["id"])))

    def _tile(self, dashboard_id: str, told: Row) -> None:
        maker = told.get("result_maker")
        for query in (told.get("query"), (maker or {}).get("query")):
            self._query(query)
        plain = {key: value for key, value in maker.items() if key != "query"} if maker else None
        self._hand_written(maker)
        images = told.get("images") or []
        pictures = {"image_id": images[0]["id"]} if images else {}
        self._world["dashboard_elements"].add(self._rows.row(shape.ELEMENT, told, result_maker=plain, **pictures))
        for image in images:
            slug = (image.get("url") or "").rpartition("/")[2]
            row = self._rows.row(shape.IMAGE, image, dashboard_id=dashboard_id, slug=slug, data=b"")
            self._world["dashboard_images"].add(row)

    def _hand_written(self, maker: Row | None) -> None:
        """Add the SQL that a tile shows by its number, though nobody was told how it reads."""
        number, table = (maker or {}).get("sql_query_id"), self._world["sql_queries"]
        if maker and number and not any(row["_id"] == number for row in table):
            values = {"slug": f"unknown{number}", "_id": number, "result_maker_id": maker.get("id")}
            table.add(schema.new("SqlQuery") | values | {"vis_config": maker.get("vis_config")})

    def _place(self, dashboard_id: str, told: Row) -> None:
        """Add the place of a tile; one that is there without its tile is of a tile in the trash, of which it shows some."""
        self._world["dashboard_layout_components"].add(self._rows.row(shape.COMPONENT, told))
        tile, tiles = told.get("dashboard_element_id"), self._world["dashboard_elements"]
        if tile and tile not in tiles:
            shown = {"title": "element_title", "title_hidden": "element_title_hidden", "type": "vis_type"}
            known = {key: told.get(name) for key, name in shown.items()}
            tiles.add(blank(shape.ELEMENT) | known | {"id": tile, "dashboard_id": dashboard_id, "_deleted": True})

    def _query(self, told: Row | None) -> None:
        if told and told["id"] not in self._world["queries"]:
            self._world["queries"].add(self._rows.row(shape.QUERY, told))

    def _metadata_of(self, row: Row, kind: str) -> None:
        """Add the metadata of content, which hangs below that of its folder."""
        meta, table = row.get("content_metadata_id"), self._world["content_metadata"]
        if meta and meta not in table:
            folder = self._world["folders"].get(row["folder_id"]) or {}
            named = {f"{kind}_id": row["id"], "content_type": kind, "inherits": True}
            table.add(blank(more.CONTENT_META) | named | {"id": meta, "parent_id": folder.get("content_metadata_id")})


def _without(told: Row, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key not in keys}
