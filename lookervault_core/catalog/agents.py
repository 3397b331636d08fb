"""Agents, and the golden queries that they learn from."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import (
    Call,
    Child,
    ContentType,
    NaturalKey,
    Ref,
    WriteCall,
    WriteFacts,
    words,
)

ROWS = (
    ContentType(
        name="agents",
        singular="agent",
        seen_by="content_metadata",
        payload="Agent",
        listing="paged",
        # Shows each agent with its golden queries, which no call lists.
        list=Call("search_agents", "/agents/search"),
        by_id=Call("get_agent", "/agents/{id}", db_query=True),
        census=Call("search_agents", "/agents/search", {"fields": "id"}),
        census_paged=True,
        sorts="id",
        page_size=100,
        optional=True,
        writes=WriteFacts(
            schema="Agent",
            create=WriteCall("create_agent", "POST", "/agents", db_query=True),
            update=WriteCall("update_agent", "PATCH", "/agents/{id}", db_query=True),
            delete=WriteCall("delete_agent", "DELETE", "/agents?id={id}", db_query=True),
            writable=words(
                "created_by_user_id name description category sources context code_interpreter workflow_params"
            ),
            references=(
                Ref("created_by_user_id", "users", optional=True),
                # Looker refuses a source whose model is not configured.
                Ref("sources[].model", "lookml_models", kind="name"),
                Ref("workflow_params.primary_agent", "agents", optional=True),
                Ref("description", kind="links"),
                Ref("context.instructions", kind="links"),
            ),
            natural=(NaturalKey(("name", "created_by_user_id"), False),),
            shows=("description",),
            children=(Child("golden_queries", "golden_queries", is_linked=True),),
            undelete={"deleted": False},
        ),
    ),
)

NESTED = (
    WriteFacts(
        name="golden_queries",
        schema="GoldenQuery",
        create=WriteCall("create_golden_query", "POST", "/golden_queries", db_query=True),
        update=WriteCall("update_golden_query", "PATCH", "/golden_queries/{id}", db_query=True),
        delete=WriteCall("delete_golden_query", "DELETE", "/golden_queries/{id}", db_query=True),
        writable=words("questions answer is_active"),
        natural=(NaturalKey(("answer",), False), NaturalKey(("questions",), False)),
        shows=("questions",),
    ),
)
