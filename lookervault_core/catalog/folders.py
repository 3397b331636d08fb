"""Folders, and who has access to them."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import (
    Call,
    Collection,
    ContentType,
    NaturalKey,
    Protected,
    RecreatedDifferently,
    Ref,
    WriteCall,
    WriteFacts,
    crud,
    part,
    words,
)

ROWS = (
    ContentType(
        name="folders",
        poll=Call("all_folders", "/folders", {"fields": "id"}),
        seen_by="content_metadata",
        holds_content=True,
        singular="folder",
        payload="Folder",
        list=Call("all_folders", "/folders"),
        by_id=Call("folder", "/folders/{id}"),
        census=Call("search_folders", "/folders/search", {"fields": "id"}),
        census_paged=True,
        writes=WriteFacts(
            schema="UpdateFolder",
            **crud("folder", "/folders"),
            writable=words("name parent_id"),
            references=(Ref("parent_id", "folders"),),
            natural=(NaturalKey(("parent_id", "name")),),
            protected=(
                Protected("is_shared_root", True, "a root folder"),
                Protected("is_users_root", True, "a root folder"),
                Protected("is_embed_shared_root", True, "a root folder"),
                Protected("is_embed_users_root", True, "a root folder"),
                Protected("id", "lookml", "the folder of LookML dashboards"),
                Protected("is_personal", True, "a personal folder: it comes and goes with its user"),
            ),
            recreated_differently=(
                RecreatedDifferently(
                    "external_id",
                    "no call gives it: the application that embeds Looker knows the folder by it, and may make another one",
                    "external_id",
                ),
            ),
            level="parent_id",
            looked_at=6,
        ),
    ),
    ContentType(
        name="content_metadata",
        singular="content_metadata",
        payload="ContentMeta",
        audited=True,
        listing="targets",
        list=Call("all_content_metadatas", "/content_metadata", {"parent_id": "{id}"}),
        by_id=Call("content_metadata", "/content_metadata/{id}"),
        targets_from="folders",
        part_of="folders",
        writes=WriteFacts(
            schema="ContentMeta",
            update=WriteCall("update_content_metadata", "PATCH", "/content_metadata/{id}"),
            writable=("inherits",),
            copying={"inherits": False},
            level_by=Ref("folder_id", "folders"),
            # Looker takes `inherits` for folders and boards; looks and dashboards are seen by whoever sees their folder.
            protected=(
                Protected("content_type", "dashboard", "its folder says who sees it"),
                Protected("content_type", "look", "its folder says who sees it"),
            ),
            serial=True,
        ),
    ),
    part(
        "content_metadata_accesses",
        "content_metadata",
        Call("all_content_metadata_accesses", "/content_metadata_access", {"content_metadata_id": "{id}"}),
        part_of="folders",
        payload="ContentMetaGroupUser",
        audited=True,
        writes=WriteFacts(
            references=(
                Ref("accesses[].group_id", "groups", optional=True),
                Ref("accesses[].user_id", "users", optional=True),
            ),
            collections=(Collection("accesses", ("group_id", "user_id")),),
            joins=("{0} {1}", "{0} {1} no longer"),
            row_text="may {permission_type}",
            filled=True,
            level_by=Ref("folder_id", "folders"),
            made_by_name=True,
            # Looker passes each of these writes down the whole subtree.
            serial=True,
        ),
    ),
)
