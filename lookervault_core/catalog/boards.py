"""Boards, with their sections and items."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import (
    OWNER,
    Call,
    Child,
    Collection,
    ContentType,
    NaturalKey,
    Ref,
    WriteFacts,
    crud,
    words,
)

ROWS = (
    ContentType(
        name="boards",
        poll=Call("all_boards", "/boards", {"fields": "id,updated_at"}),
        seen_by="content_metadata",
        singular="board",
        payload="Board",
        list=Call("all_boards", "/boards"),
        by_id=Call("board", "/boards/{id}"),
        census=Call("search_boards", "/boards/search", {"fields": "id"}),
        census_paged=True,
        name_fields=("title",),
        full_keys=("board_sections",),
        writes=WriteFacts(
            schema="Board",
            **crud("board", "/boards"),
            writable=words("title description user_id"),
            forced=("section_order",),
            references=(
                OWNER,
                Ref("description", kind="links"),
                Ref("section_order[]", "board_sections", optional=True),
            ),
            collections=(Collection("section_order"),),
            natural=(NaturalKey(("title",), False),),
            shows=("description",),
            unsent={"primary_homepage": "which board people see first is set in Looker: no call writes it"},
            children=(Child("board_sections", "board_sections", order="section_order", work=True),),
            undelete={"deleted_at": None},
            names_in_trash=True,
        ),
    ),
)

NESTED = (
    WriteFacts(
        name="board_sections",
        label="sections",
        schema="BoardSection",
        read=Call("board_section", "/board_sections/{id}"),
        **crud("board_section", "/board_sections"),
        writable=words("title description deleted_at"),
        forced=("item_order",),
        references=(Ref("description", kind="links"), Ref("item_order[]", "board_items", optional=True)),
        collections=(Collection("item_order"),),
        children=(Child("board_items", "board_items", order="item_order", work=True),),
        shows=("title", "description"),
        natural=(NaturalKey(("title",), False),),
    ),
    WriteFacts(
        name="board_items",
        label="items",
        schema="BoardItem",
        read=Call("board_item", "/board_items/{id}"),
        **crud("board_item", "/board_items"),
        writable=words(
            "board_section_id custom_description custom_title custom_url dashboard_id look_id lookml_dashboard_id order "
            "use_custom_description use_custom_title use_custom_url use_custom_image"
        ),
        references=(
            Ref("board_section_id", "board_sections", optional=True),
            Ref("dashboard_id", "dashboards"),
            Ref("look_id", "looks"),
            Ref("lookml_dashboard_id", "lookml_dashboards"),
            Ref("custom_url", kind="links"),
            Ref("custom_description", kind="links"),
        ),
        shows=words("dashboard_id look_id lookml_dashboard_id custom_url custom_title custom_description"),
        natural=(NaturalKey(("dashboard_id", "look_id", "lookml_dashboard_id", "custom_url"), False),),
    ),
)
