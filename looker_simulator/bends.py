"""Behaviours of real Lookers that the plain instance does not show, because sources disagree or no page documents them.

A bend is on or off for the whole instance, from the start (``SimulatorOptions.bends``, ``simulate --bend NAME[=VALUE]``) or from
some moment (``Bends.on``). What each does stands where the behaviour lives and asks ``world.bends.has(NAME)``; this table is the
list of them, each with what it does and who has seen it.
"""

from collections.abc import Callable, Iterable

BENDS: dict[str, str] = {
    "blank_is_null": "a text that is sent blank is kept as null (seen of descriptions)",
    "texts_are_trimmed": "a text is kept without the white space around it (as many web applications do; nothing says so)",
    "addresses_in_lower_case": "an e-mail address is kept in lower case (as many web applications do; nothing says so)",
    "names_are_never_null": "a user's name that is sent as null is kept blank (test of the official SDK)",
    "computed_connection_names": "a model with unlimited_db_connections shows the name of every connection there is (seen of 24.x)",
    "source_words": "the source of a user's own value is called VALUE, not User (a word for people; nobody lists them)",
    "unordered_lists": "sets inside an object come in another order at each call, as lists do anyhow (access rows, seen)",
    "plain_numbers": "numbers are kept by value: 1.10 comes back as 1.1 (JSON columns of many databases do so)",
    "parts_leave_updated_at": "a change of a tile, filter, tab or place, or a certification, leaves the updated_at of the"
    " dashboard or look (no page says that it moves)",
    "search_looks_is_thin": "search_looks lists a few fields of each look (the description calls those of all_looks abbreviated)",
    "search_users_hides_disabled": "search_users leaves out disabled users, which all_users lists (seen by tools that count both)",
    "plans_list_hides_disabled": "all_scheduled_plans lists enabled plans only; so does search_scheduled_plans without all_states"
    " (two tools ask System Activity for the others; SDK 26.18 has all_states)",
    "alerts_search_hides_disabled": "search_alerts lists disabled alerts only where disabled=true asks for them (nothing says"
    " that it lists both)",
    "deleted_folders_leave_metadata": "the metadata of a folder that was deleted goes on being listed, and its access list is 404",
    "flipping_read_only": "flipping_read_only=true|false: verified_looker_employee, which nobody can write, is so for all users; a"
    " field that changes by itself makes every object new each night (last_run_status of plans does, 26.18)",
    "offset_is_ignored": "offset_is_ignored=OPERATION: the call gives its first page whatever the offset (no Looker was"
    " seen to; it must not hang a run)",
    "list_hides": "list_hides=OPERATION:ID,ID+OPERATION:ID: these calls leave out these objects, whatever the reason",
    "html_404": "answers 404 as a web page, as a host without a running instance does and as one that turns the sign-in away "
    '(Google Cloud, "Looker Not Found (404)"); VALUE is PATH[,COUNT[,BODY]]: for which paths (a glob, such as /alerts*; default '
    "all), how many times (default always), and with html, json (a gateway's own) or empty",
    "late_listing": "leaves what was just made out of the next VALUE listings of its type (default 2), as a node of a cluster "
    "does that does not know it yet (GitHub hirosassa/terraform-provider-looker 41: reads after a create)",
    "enabling_sends": "a plan or an alert that is switched on sends at once (Looker's documentation of schedules: one whose run "
    "was missed while it was disabled runs when it is enabled)",
    "queries_by_slug": "GET /queries/NUMBER answers 404, and /queries/slug/SLUG shows the query (seen of 24.x); with =only the "
    "sources of merge queries name the slug alone",
    "unlisted": "leaves the object VALUE, such as alerts/7, out of every listing; its own call shows it "
    "(disabled users and plans are reported to be missing so)",
    "alerts_survive_owner": "leaves the alerts of a user who is deleted to run on, with an owner who is gone"
    " (OpenAPI 4.0.26.12, delete_user; Google's page on deleting one's data says that they go)",
    "alerts_go_with_tile": "deletes the alerts on a tile together with that, or with its dashboard"
    " (no page says what becomes of them)",
    "folders_trash_content": "deleting a folder puts the content in it into the trash"
    " (OpenAPI 4.0.26.12 says that it is deleted, and does not say how)",
    "owner_takes_content": "deleting a user puts all that they own into the trash, wherever it lies, and drops all plans on that"
    " (OpenAPI 4.0.26.12, delete_user; Google's page on deleting one's data says that content in shared folders stays)",
    "undelete_into_admin_folder": "content whose folder is gone comes out of the trash into the personal folder of the admin who"
    " fetches it (help.looker.com 360001286107, Disabling vs Deleting Users)",
    "whitelist_with_hidden": "hidden_value_domain_whitelist is taken together with value_is_hidden: true only (422; Terraform "
    "providers send it so)",
    "access_of_parents": "a row cannot be removed from an access list while the list above lets the same group or user edit (422); "
    "removed there it goes from the lists below (lmanage, Terraform providers: lists are written from the top down)",
    "sql_tiles_are_drawn_plain": "what a tile of hand-written SQL says of how it is drawn is not taken (OpenAPI 4.0.26.12 calls it"
    " writable, and of all other tiles it is ignored)",
    "blank_alert_filter_refused": "a new alert with an applied dashboard filter whose title is blank is refused with 422; a "
    "tool that copies alerts between instances leaves such entries out",
    "groups_are_tiles": "a group of tiles is a tile itself, which can be made (in LookML groups are elements of a dashboard, 26.20;"
    " the SDK says no more than that places name the place of their group)",
    "describes": "describes=OPERATION+OPERATION: the instance's description has these operations that read, and nothing serves them"
    " (each release brings some)",
    "refused_fields": "refused_fields=SHAPE.FIELD+SHAPE.FIELD: a write with one of these is refused (422), although the description"
    " says that it can be written (the published one calls read-only what is writable, and may err the other way too)",
    "features_off": "features_off=OPERATION+OPERATION:403: these operations are not served (404, or the status behind"
    " the colon), as by a release or an edition without the feature",
    "purged_look_stays_in_tiles": "a tile goes on naming its look when that is deleted for good; seen in payloads of dashboards, "
    "`look` is null beside the `look_id`",
}

_BLIND = "drawn for one restore alone, which does not see all then (tests/restore/random_worlds.py, blindness)"
# Bends that whole random days leave out, and why; they draw from all others.
NOT_DRAWN: dict[str, str] = {
    "html_404": _BLIND,
    "late_listing": _BLIND,
    "groups_are_tiles": "random days are of a release without groups",
    "list_hides": _BLIND,
    "offset_is_ignored": _BLIND,
    "unlisted": _BLIND,
}


class Bends:
    """The bends in force. *changed* is called after each change, so that nobody keeps an answer from before it."""

    def __init__(self, names: Iterable[str] = (), changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._values: dict[str, str] = {}
        for entry in names:
            name, _, value = entry.partition("=")
            self.on(name, value)

    def on(self, name: str, value: str = "") -> None:
        """Bend the instance from now on. Raises ValueError for an unknown name."""
        if name not in BENDS:
            raise ValueError(f"bend {name!r}: choose one of {', '.join(sorted(BENDS)) or 'none yet'}")
        self._values[name] = value
        self._changed()

    def off(self, name: str) -> None:
        """Straighten the instance again."""
        if self._values.pop(name, None) is not None:
            self._changed()

    def has(self, name: str) -> bool:
        """Return whether a bend is in force."""
        return name in self._values

    def value(self, name: str, default: str = "") -> str:
        """Return what stands behind the ``=`` of a bend in force, or *default*."""
        return self._values.get(name) or default
