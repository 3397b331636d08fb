"""What the API of one instance has: the properties of its release, and those that nobody has heard of."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from looker_simulator import future, schema
from looker_simulator.options import SimulatorOptions
from looker_simulator.schema import Property

# (shape, property): (first release that has it, first release in which it can be written). Told by
# comparing the API descriptions of the releases, from 26.18 on the models of the official SDKs.
_SINCE: dict[tuple[str, str], tuple[str, str]] = {
    ("Dashboard", "certification_metadata"): ("25.20", "25.20"),
    ("LookWithQuery", "certification_metadata"): ("25.20", "25.20"),
    ("DashboardElement", "dashboard_layout_id"): ("25.20", "25.20"),
    ("DashboardElement", "aria_description"): ("25.20", "25.20"),
    ("DashboardLayout", "label"): ("25.20", "25.20"),
    ("DashboardLayout", "description"): ("25.20", "25.20"),
    ("DashboardLayout", "order"): ("25.20", "25.20"),
    ("User", "can_manage_api3_creds"): ("25.20", "25.20"),
    ("DashboardElement", "certification_metadata"): ("26.4", "26.4"),
    ("DashboardLayoutComponent", "granular_row"): ("26.4", "26.4"),
    ("DashboardLayoutComponent", "granular_column"): ("26.4", "26.4"),
    ("DashboardLayoutComponent", "granular_width"): ("26.4", "26.4"),
    ("DashboardLayoutComponent", "granular_height"): ("26.4", "26.4"),
    ("MergeQuery", "limit"): ("26.4", "26.4"),
    ("Role", "internal"): ("26.4", ""),
    ("Alert", "enhancements"): ("26.6", "26.6"),
    ("Dashboard", "user_id"): ("4.0", "26.8"),
    ("Dashboard", "download_settings"): ("26.8", "26.8"),
    ("DashboardElement", "filter_id"): ("26.8", "26.8"),
    ("DashboardLayout", "lookml_link_id"): ("26.8", "26.8"),
    ("DashboardLayoutComponent", "deleted"): ("4.0", "26.8"),
    ("ScheduledPlan", "pdf_page_breaks"): ("26.8", "26.8"),
    ("ScheduledPlan", "tab_ids"): ("26.8", "26.8"),
    ("Alert", "query_id"): ("26.8", "26.8"),
    ("UserAttribute", "needed_for_ci_run"): ("26.8", "26.8"),
    ("UserAttribute", "value_for_ci_run"): ("26.8", "26.8"),
    ("Dashboard", "chat_enabled"): ("26.10", "26.10"),
    ("Dashboard", "preserve_desktop_layout"): ("26.10", "26.10"),
    ("Board", "user_id"): ("4.0", "26.10"),
    ("User", "credentials_workforce"): ("26.10", "26.10"),
    ("ScheduledPlan", "include_dashboard_summary"): ("26.12", "26.12"),
    ("Dashboard", "layout_granularity"): ("26.18", "26.18"),
    ("Dashboard", "style"): ("26.20", "26.20"),
    ("DashboardElement", "group_id"): ("26.18", ""),
    ("DashboardElement", "image_id"): ("26.18", "26.18"),
    ("DashboardElement", "images"): ("26.18", ""),
    ("DashboardLayoutComponent", "group_id"): ("26.18", "26.18"),
    ("ScheduledPlan", "content_title"): ("26.18", ""),
    ("ScheduledPlan", "last_run_status"): ("26.18", ""),
    ("ScheduledPlan", "include_filters"): ("26.20", "26.20"),
    ("ScheduledPlanDestination", "include_filters"): ("26.20", "26.20"),
    ("User", "is_embed_user"): ("26.20", ""),
    ("ExternalOauthApplication", "provider"): ("26.20", "26.20"),
    ("ExternalOauthApplication", "scopes"): ("26.20", "26.20"),
    ("DBConnection", "service_account_auth_enabled"): ("26.20", "26.20"),
    ("DBConnection", "user_attr_certificate"): ("26.20", "26.20"),
    **{
        ("DashboardAppearance", name): ("26.20", "26.20")
        for name in (
            "show_dashboard_header", "show_title", "show_filters_bar", "show_filters_toggle", "show_reload_data_icon",
            "show_dashboard_menu", "show_last_updated_indicator", "background_opacity",
        )
    },
    **{("DashboardDownloadSettings", name): ("26.20", "26.20") for name in ("append_excel_metadata", "include_filters")},
    **{
        ("ThemeSettings", name): ("26.18", "26.18")
        for name in ("background_image_url", "background_image_id", "background_opacity")
    },
}  # fmt: skip
# The parts of a dashboard come last.
CHILDREN = ("dashboard_elements", "dashboard_filters", "dashboard_layouts")
# Shapes that stand in a row as they are, and not as rows of their own.
STRUCTURES = frozenset(
    {
        "AlertDestination",
        "DashboardAppearance",
        "DashboardDownloadSettings",
        "DiscretePalette",
        "ContinuousPalette",
        "ScheduledPlanDestination",
        "ThemeSettings",
    }
)


class Api:
    """What one instance shows and takes. *changed* overrides properties of it (None: there is none), as other releases do; *says*
    is what becomes of its description on the way."""

    def __init__(self, options: SimulatorOptions) -> None:
        self.release = options.release
        self.invented = future.invented(options.future, options.seed)
        self.says: Callable[[bytes], bytes] = lambda raw: raw
        self.changed: dict[tuple[str, str], Property | None] = {}
        self._properties: dict[str, Mapping[str, Property]] = {}
        self._shown: dict[str, tuple[str, ...]] = {}
        self._special: dict[str, dict[str, str | Property]] = {}

    def properties(self, shape: str) -> Mapping[str, Property]:
        """Return the properties of *shape* on this instance; ``writable`` says what it takes."""
        if shape not in self._properties:
            self._properties[shape] = MappingProxyType(self._of(shape))
        return self._properties[shape]

    def writable(self, shape: str) -> list[Property]:
        """Return what can be written of *shape*."""
        return [prop for prop in self.properties(shape).values() if prop.writable]

    def shown(self, shape: str, keys: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of *keys* that this instance has, with what it has beyond them; the parts of a dashboard come last."""
        if shape not in self._shown:
            known = [key for key in keys if key in self.properties(shape)]
            more = [prop.name for prop in self.beyond(shape) if not prop.write_only]
            self._shown[shape] = tuple(sorted((*known, *more), key=CHILDREN.__contains__))
        return self._shown[shape]

    def as_shown(self, shape: str, key: str, value: Any) -> Any:
        """Return a value as this instance shows it: with what it has of an object, and what it makes of nothing."""
        inner = self._inside(shape).get(key)
        if inner is None:
            return value
        if isinstance(inner, str):
            return (
                [self.structure(inner, one) for one in value]
                if isinstance(value, list)
                else self.structure(inner, value)
            )
        return empty(inner) if value is None else value

    def beyond(self, shape: str) -> list[Property]:
        """Return what the releases that there are do not have."""
        return [prop for name, prop in self.properties(shape).items() if name not in schema.shape(shape)]

    def unheard_of(self, shape: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what of a body can be written of *shape* beyond the releases that there are."""
        return {prop.name: given[prop.name] for prop in self.beyond(shape) if prop.writable and prop.name in given}

    def newer(self, shape: str) -> list[Property]:
        """Return what can be written since 26.18, but for the ids of what no call makes."""
        late = (self.properties(shape).get(name) for of, name in _SINCE if of == shape and _is_late(of, name))
        return [prop for prop in late if prop is not None and prop.writable and not prop.name.endswith("_id")]

    def become(self, release: str) -> None:
        """Be of another release from now on."""
        self.release = release
        self._properties, self._shown, self._special = {}, {}, {}

    def change(self, shape: str, name: str, prop: Property | None) -> None:
        """Be of another release in one property: none of this name any more, another one, or a new one."""
        self.changed[shape, name] = prop
        for known in (self._properties, self._shown, self._special):
            known.pop(shape, None)

    def is_structure(self, shape: str, key: str) -> bool:
        """Return whether an object of the API stands in a property."""
        return isinstance(self._inside(shape).get(key), str)

    def structure(self, shape: str, value: Any, *, written: bool = False) -> Any:
        """Return what this instance shows, or takes, of an object of *shape* that stands inside a row. Its id is nothing to write
        and is taken: it says which of those that are there it is."""
        if not isinstance(value, dict):
            return value
        known, listed = self.properties(shape), schema.shape(shape)
        row = {key: one for key, one in value.items() if key in known or key not in listed}
        if written:
            return {key: one for key, one in row.items() if key == "id" or (key in known and known[key].writable)}
        return row | {prop.name: row.get(prop.name, empty(prop)) for prop in self.beyond(shape)}

    def _inside(self, shape: str) -> Mapping[str, str | Property]:
        """Return what is shown otherwise than it is stored: the shapes of objects inside, and what is never null."""
        if shape not in self._special:
            inner = {prop.name: structure_of(prop) for prop in self.properties(shape).values()}
            never = {prop.name: prop for prop in self.beyond(shape) if not prop.nullable}
            self._special[shape] = {name: one for name, one in inner.items() if one} | never
        return self._special[shape]

    def _of(self, shape: str) -> dict[str, Property]:
        found = {name: one for name, prop in schema.shape(shape).items() if (one := self._released(shape, prop))}
        found |= {prop.name: prop for prop in self.invented.get(shape, ())}
        for (of, name), prop in self.changed.items():
            if of == shape:
                found.pop(name, None)
                found |= {prop.name: prop} if prop is not None else {}
        return found

    def _released(self, shape: str, prop: Property) -> Property | None:
        known, takes = _SINCE.get((shape, prop.name), ("0", "0"))
        if not is_at_least(self.release, known):
            return None
        if prop.writable and not (takes and is_at_least(self.release, takes)):
            return schema.read_only(prop)
        return prop


def structure_of(prop: Property) -> str:
    """Return the shape of the objects that stand in a property, or ""."""
    name = prop.type.strip("[]")
    return name if name in STRUCTURES else ""


def empty(prop: Property) -> Any:
    """Return what a property holds when nothing was said about it."""
    return future.empty_choice(prop) if not prop.nullable and schema.empty(prop) is None else _blank(prop)


def _blank(prop: Property) -> Any:
    return prop.choices[0] if prop.choices and not prop.nullable else schema.empty(prop)


def has_all_states(release: str) -> bool:
    """Return whether the search for plans can be asked for those of every state (SDK 26.18)."""
    return is_at_least(release, "26.18")


def _is_late(shape: str, name: str) -> bool:
    return is_at_least(_SINCE[shape, name][0], "26.18")


def is_at_least(release: str, wanted: str) -> bool:
    """Return whether *release* is *wanted* or a later one."""
    return [int(part) for part in release.split(".")] >= [int(part) for part in wanted.split(".")]
