"""Themes and color collections, and which of them are the defaults."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import (
    Call,
    ContentType,
    NaturalKey,
    Ref,
    WriteCall,
    WriteFacts,
    crud,
    part,
    words,
)

ROWS = (
    ContentType(
        name="themes",
        singular="theme",
        payload="Theme",
        list=Call("all_themes", "/themes"),
        by_id=Call("theme", "/themes/{id}"),
        census=Call("all_themes", "/themes", {"fields": "id"}),
        writes=WriteFacts(
            schema="Theme",
            **crud("theme", "/themes"),
            writable=words("begin_at end_at name settings"),
            references=(Ref("settings.color_collection_id", "color_collections", optional=True),),
            natural=(NaturalKey(("name", "begin_at", "end_at"), False),),
        ),
    ),
    # The operation that has replaced this one wants a theme_type, of which nothing says what there is.
    part(
        "default_theme",
        "themes",
        Call("default_theme", "/themes/default"),
        single=True,
        payload="Theme",
        writes=WriteFacts(
            # Takes the name of a theme that is active and has no end (OpenAPI 4.0.26.12, set_default_theme).
            update=WriteCall("set_default_theme", "PUT", "/themes/default?name={id}"),
            forced=("theme_id",),
            references=(Ref("theme_id", "themes"),),
        ),
    ),
    ContentType(
        name="color_collections",
        singular="color_collection",
        payload="ColorCollection",
        list=Call("all_color_collections", "/color_collections"),
        by_id=Call("color_collection", "/color_collections/{id}"),
        census=Call("all_color_collections", "/color_collections", {"fields": "id"}),
        name_fields=("label",),
        writes=WriteFacts(
            schema="ColorCollection",
            **crud("color_collection", "/color_collections"),
            writable=words("label categoricalPalettes sequentialPalettes divergingPalettes"),
            natural=(NaturalKey(("label",), False),),
            shows=words("categoricalPalettes sequentialPalettes divergingPalettes"),
        ),
    ),
    part(
        "default_color_collection",
        "color_collections",
        Call("default_color_collection", "/color_collections/default"),
        single=True,
        payload="ColorCollection",
        writes=WriteFacts(
            update=WriteCall("set_default_color_collection", "PUT", "/color_collections/default?collection_id={id}"),
            forced=("color_collection_id",),
            references=(Ref("color_collection_id", "color_collections"),),
        ),
    ),
)
