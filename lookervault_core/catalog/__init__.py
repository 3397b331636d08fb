"""One row per content type: where Looker lists it, what makes a payload whole, what it is called, and how it is written.

Facts are from the OpenAPI description of API 4.0 (release 26.12) unless a row says otherwise. A fact about a content type
stands here and nowhere else: the code that extracts, verifies and restores reads these rows and has no type names of its own.
The rows stand by family, in restore order. `writable` is the most that any release takes; what the destination takes is
narrower and read from its own specification at run time. Parts that have no write calls of their own here (members, access
lists, queries) are written by the module of their family.
"""

from lookervault_core.catalog.archive import ETERNAL, NAMED
from lookervault_core.catalog.choosing import expand, row, with_parts
from lookervault_core.catalog.content import (
    CERTIFY,
    CONTENT,
    CREATE_MERGE_QUERY,
    CREATE_QUERY,
    DELIVERIES,
    IN_FOLDERS,
    MADE_BY,
    STRUCTURES,
)
from lookervault_core.catalog.ids import id_of
from lookervault_core.catalog.instance import ALLOWLIST, DOCUMENTS, LEAVE_ALLOWLIST
from lookervault_core.catalog.links import COLORED, HUBS, LEADS_TO, LINKED, WITH_SLUGS
from lookervault_core.catalog.order import late_references, links_of, owner_of, restore_order
from lookervault_core.catalog.parts import (
    ACCESSES,
    FOLDERS,
    METADATA,
    NAMED_PARTS,
    PARTS,
    SEEN,
    SEEN_AS,
    SEEN_EARLY,
    WORK,
    access_types,
)
from lookervault_core.catalog.paths import named_by
from lookervault_core.catalog.people import PROVIDERS
from lookervault_core.catalog.rows import CATALOG, WRITES
from lookervault_core.catalog.trash import lies_in_trash, trash_of
from lookervault_core.catalog.vocabulary import (
    PART_PAGE,
    SINGLE,
    Call,
    Child,
    Collection,
    ContentType,
    Document,
    NaturalKey,
    Protected,
    RecreatedDifferently,
    Ref,
    WriteCall,
    WriteFacts,
)

__all__ = (
    "ACCESSES",
    "ALLOWLIST",
    "CATALOG",
    "CERTIFY",
    "COLORED",
    "CONTENT",
    "CREATE_MERGE_QUERY",
    "CREATE_QUERY",
    "DELIVERIES",
    "DOCUMENTS",
    "ETERNAL",
    "FOLDERS",
    "HUBS",
    "IN_FOLDERS",
    "LEADS_TO",
    "LEAVE_ALLOWLIST",
    "LINKED",
    "MADE_BY",
    "METADATA",
    "NAMED",
    "NAMED_PARTS",
    "PARTS",
    "PART_PAGE",
    "PROVIDERS",
    "SEEN",
    "SEEN_AS",
    "SEEN_EARLY",
    "SINGLE",
    "STRUCTURES",
    "WITH_SLUGS",
    "WORK",
    "WRITES",
    "Call",
    "Child",
    "Collection",
    "ContentType",
    "Document",
    "NaturalKey",
    "Protected",
    "RecreatedDifferently",
    "Ref",
    "WriteCall",
    "WriteFacts",
    "access_types",
    "expand",
    "id_of",
    "late_references",
    "lies_in_trash",
    "links_of",
    "named_by",
    "owner_of",
    "restore_order",
    "row",
    "trash_of",
    "with_parts",
)
