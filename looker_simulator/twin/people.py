"""What a twin is told of people: users, groups, roles, what is set on them."""

from looker_simulator import jsontext
from looker_simulator import shapes_people as shape
from looker_simulator.table import Row
from looker_simulator.twin.rows import Rows
from looker_simulator.world import World

# Where an effective value comes from if it is not set on the user itself (OpenAPI 4.0.26.12 has no list of the words).
_NOT_OWN = frozenset({"group", "default", "system"})


class People:
    """Adds people to *world*."""

    def __init__(self, world: World, rows: Rows) -> None:
        self._world = world
        self._rows = rows

    def user(self, _: str, raw: bytes) -> None:
        """Add a user with its logins."""
        told = jsontext.loads(raw)
        login = told.get("credentials_email")
        self._world["users"].add(self._rows.row(shape.USER, told, email=None if login else told.get("email")))
        if login:
            row = self._rows.row(shape.CREDENTIALS_EMAIL, login, user_id=told["id"])
            self._world["credentials_email"].add(row)

    def group(self, _: str, raw: bytes) -> None:
        """Add a group, below the groups that it is in."""
        told = jsontext.loads(raw)
        row = self._world["groups"].add(self._rows.row(shape.GROUP_HIERARCHY, told))
        for parent in told.get("parent_group_ids") or ():
            self._world["group_groups"].add({"parent_id": parent, "group_id": row["id"]})
        if row["include_by_default"] and not self._world.all_users_group_id:
            self._world.all_users_group_id = row["id"]

    def members(self, group_id: str, raw: bytes) -> None:
        """Add who is in a group; everybody is in that of all users."""
        if group_id != self._world.all_users_group_id:
            for one in jsontext.loads(raw):
                self._world["group_users"].add({"group_id": group_id, "user_id": one["id"]})

    def permission_set(self, _: str, raw: bytes) -> None:
        """Add a permission set."""
        self._world["permission_sets"].add(self._rows.row(shape.PERMISSION_SET, jsontext.loads(raw)))

    def model_set(self, _: str, raw: bytes) -> None:
        """Add a model set."""
        self._world["model_sets"].add(self._rows.row(shape.MODEL_SET, jsontext.loads(raw)))

    def role(self, _: str, raw: bytes) -> None:
        """Add a role."""
        told = jsontext.loads(raw)
        sets = {f"{name}_id": (told.get(name) or {}).get("id") for name in ("permission_set", "model_set")}
        row = self._world["roles"].add(self._rows.row(shape.ROLE, told, **sets))
        if row["name"] == "Admin":
            self._world.admin_role_id = row["id"]

    def role_groups(self, role_id: str, raw: bytes) -> None:
        """Give a role to groups."""
        for one in jsontext.loads(raw):
            self._world["role_groups"].add({"role_id": role_id, "group_id": one["id"]})

    def role_users(self, role_id: str, raw: bytes) -> None:
        """Give a role to users."""
        for one in jsontext.loads(raw):
            self._world["role_users"].add({"role_id": role_id, "user_id": one["id"]})

    def attribute(self, _: str, raw: bytes) -> None:
        """Add a user attribute."""
        self._world["user_attributes"].add(self._rows.row(shape.USER_ATTRIBUTE, jsontext.loads(raw)))

    def group_values(self, _: str, raw: bytes) -> None:
        """Set values of an attribute on groups; a hidden one has none that anybody was shown."""
        for rank, told in enumerate(jsontext.loads(raw)):
            row = self._rows.row(shape.GROUP_VALUE, told)
            row["rank"] = rank if row["rank"] is None else row["rank"]
            self._world["user_attribute_group_values"].add(row)

    def user_values(self, user_id: str, raw: bytes) -> None:
        """Set the values that are a user's own."""
        for told in jsontext.loads(raw):
            if (told.get("source") or "").lower() not in _NOT_OWN:
                self._world["user_attribute_user_values"].add(self._own(user_id, told))

    def _own(self, user_id: str, told: Row) -> Row:
        more = {key: value for key, value in told.items() if key not in shape.USER_VALUE.keys}
        return more | {
            "user_attribute_id": told["user_attribute_id"],
            "user_id": user_id,
            "value": told.get("value"),
        }

    def alert(self, _: str, raw: bytes) -> None:
        """Add an alert; the tile that it watches shows how many there are."""
        row = self._world["alerts"].add(self._rows.row(shape.ALERT, jsontext.loads(raw)))
        self._world.find("dashboard_elements", row["dashboard_element_id"] or "")

    def plan(self, _: str, raw: bytes) -> None:
        """Add a scheduled plan with where it is delivered."""
        told = jsontext.loads(raw)
        sent_to = told.get("scheduled_plan_destination") or []
        self._world["scheduled_plans"].add(
            self._rows.row(shape.SCHEDULED_PLAN, told, scheduled_plan_destination=sent_to)
        )

    def favorite(self, _: str, raw: bytes) -> None:
        """Add a favourite."""
        self._world["content_favorites"].add(self._rows.row(shape.FAVORITE, jsontext.loads(raw)))
