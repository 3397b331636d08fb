"""Themes and color collections, and which of them are the defaults."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import (
    Call,
    ContentType,
    Document,
    NaturalKey,
    Ref,
    WriteCall,
    WriteFacts,
    crud,
    part,
    words,
)


def _default_of(kind: str) -> Document:
    return Document(Call("default_theme_by_type", "/themes/default_theme", {"theme_type": kind}))


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
    # Deprecated (OpenAPI 4.0.26.12), and the only one that needs no theme_type.
    part(
        "default_theme",
        "themes",
        Call("default_theme", "/themes/default"),
        single=True,
        optional=True,
        payload="Theme",
        writes=WriteFacts(
            # Takes the name of a theme that is active and has no end (OpenAPI 4.0.26.12, set_default_theme).
            update=WriteCall("set_default_theme", "PUT", "/themes/default?name={id}"),
            forced=("theme_id",),
            references=(Ref("theme_id", "themes"),),
        ),
    ),
    ContentType(
        name="default_themes",
        singular="default_theme_of_a_type",
        payload="Theme",
        list=_default_of("internal").read,
        listing="targets",
        many=False,
        targets_from="default_themes",
        name_fields=(),
        # "Match theme type ('internal', 'embed', or 'all')" (OpenAPI 4.0.26.12, search_themes).
        documents={kind: _default_of(kind) for kind in ("internal", "embed")},
        optional=True,
        writes=WriteFacts(
            update=WriteCall("set_default_theme_by_type", "PUT", "/themes/default_theme?name={id}&theme_type={other}"),
            forced=("theme_id",),
            references=(Ref("theme_id", "themes"),),
            absent="this Looker knows no default theme of that type",
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
