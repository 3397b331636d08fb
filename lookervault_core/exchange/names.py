"""The file of an item: a name that any file system keeps apart from all others, and from which the id can be read.

Lower-case letters, digits, `_`, `-` and inner dots stand for themselves; every other byte of the id's UTF-8 is `%` and two
lower-case hex digits. So names differ in more than case, and none is hidden, a device of Windows, or in another directory.
"""

from __future__ import annotations

import hashlib
import re
import string
from urllib.parse import unquote_to_bytes

from lookervault_core.catalog import CATALOG
from lookervault_core.model import ContentKey

SUFFIXES = (".json", ".bin")
LONGEST = 160  # file systems take 255 bytes, Windows 260 with the whole path
_HEAD = 64
_PLAIN = frozenset((string.ascii_lowercase + string.digits + "_-.").encode())
_DEVICE = re.compile(r"(con|prn|aux|nul|conin|conout|(com|lpt)[0-9])(\.|$)")
_FILE = re.compile(r"([a-z_]+)/([a-z0-9_.%~-]+)" + r"\.(?:json|bin)")


def file_of(key: ContentKey) -> str:
    """Return where the item stands below the directory of an export: `dashboards/42.json`, `explores/thelook%3a%3aorders.json`.

    An id whose name would be too long has the SHA-256 of the id in it, behind a `~`; only the manifest tells that id.
    """
    return f"{key.content_type}/{_stem(key.id)}{_suffix(key.content_type)}"


def key_of(file: str) -> ContentKey | None:
    """Return the item whose file this is; None for what `file_of` gives no item, or only one whose id it shortens."""
    found = _FILE.fullmatch(file)
    if found is None or found[1] not in CATALOG:
        return None
    try:
        id = "" if found[2] == "%" else unquote_to_bytes(found[2]).decode()
    except UnicodeDecodeError:
        return None
    key = ContentKey(found[1], id)
    return key if file_of(key) == file else None


def _suffix(content_type: str) -> str:
    """Return what the name of a file ends with: what is no JSON, such as a picture, says so."""
    known = CATALOG.get(content_type)
    return SUFFIXES[known is not None and known.list.media]


def _stem(id: str) -> str:
    name = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02x}" for byte in id.encode()) or "%"
    if name[0] == "." or _DEVICE.match(name):
        name = f"%{ord(name[0]):02x}{name[1:]}"
    if len(name) > LONGEST:
        return f"{name[:_HEAD]}~{hashlib.sha256(id.encode()).hexdigest()}"
    return name
