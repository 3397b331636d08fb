"""Shapes of agents and of the golden queries that they learn from.

Notation: see ``schema.py``. Source: OpenAPI 4.0.26.12, components.schemas.
"""

TABLE = {
    "Agent": (
        "can:{b} id:s created_by_user_id!:s created_by_name?:s created_by_first_name?:s created_by_last_name?:s "
        "created_by_avatar_url?:s name!:s description!:s category!?:s sources!:[Source] has_inaccessible_source:b "
        "golden_queries?:[GoldenQuery] golden_query_ids!?:[i] context!:Context deleted!:b created_at:t updated_at:t "
        "content_metadata_id:s code_interpreter!:b studio_agent_id?:s workflow_params!:WorkflowParams"
    ),
    "Source": "model!:s explore!:s",
    "GoldenQuery": (
        "can:{b} id:i query_id?:i questions!:[s] answer!:s is_active!:b created_by_user_id?:i "
        "last_updated_by_user_id?:i created_at:t last_updated_at?:t explore?:s model?:s fields?:[s] filters?:{s} "
        "sorts?:[s] limit?:s client_id?:s"
    ),
    "Context": "instructions!:s",
    "WorkflowParams": "primary_agent!?:s polling_frequency_cron!:s destination!:WorkflowDestination",
    "WorkflowDestination": "type!:s parameters!:s",
}
