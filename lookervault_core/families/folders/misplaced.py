"""Objects that somebody moved into a restored folder, and that the backup has in another folder.

An exact restore moves such an object back, and changes nothing else of it; any other restore only says what lies in the folder and
where it belongs. If the folder that it came from is gone, its step is blocked and names that folder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from lookervault_core.catalog import CONTENT
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.document import decode
from lookervault_core.diff.wording.words import Names, kind_of, named, titled
from lookervault_core.families.folders.backed_up import below
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live, is_trashed
from lookervault_core.restore.request import Selection

MOVED_HERE = "somebody moved it into the folder: it goes back to where it was, and is left as it is otherwise"
ONLY_ITS_PLACE = "it does not belong to the folder that is restored: only its place is put back"
_PLACES = {"folders": "parent_id"} | dict.fromkeys(CONTENT, "folder_id")
_SHOWN = 5


class Misplaced(msgspec.Struct, frozen=True):
    """An item of the backup that lies in a restored folder, and the folder of the backup that it belongs to."""

    key: ContentKey
    name: str
    home: str


def misplaced(
    selection: Selection, backup: Backup, live: Live, destination: Destination, *, ask: bool
) -> Iterator[Misplaced]:
    """Yield the items that lie in the folders of *selection* and have another folder in the backup.

    Without *ask* no call is made: only listings that were read already are looked at."""
    ours = below(backup, selection.folders)
    here = {destination.renamed("folders", one) or one for one in ours}
    for name, place in _PLACES.items():
        if name not in selection.allowed() or not (ask or live.is_listed(name)):
            continue
        items = {destination.renamed(name, one) or one: one for one in backup.rows(name)}
        for live_id, body in live.rows(name).items():
            item_id = items.get(live_id)
            if not body or item_id is None or is_trashed(body):  # of what is as in the backup no bytes are kept
                continue
            row, at = backup.rows(name)[item_id], str(decode(body).get(place))
            if (
                at in here
                and row.folder_id
                and row.folder_id not in ours
                and not (name == "folders" and item_id in ours)
            ):
                yield Misplaced(ContentKey(name, item_id), row.name, row.folder_id)


def keep_place(difference: Difference, moved: Collection[ContentKey]) -> None:
    """Take all but the folder out of the *difference* of an item in *moved*, and name the rest as lost."""
    if ContentKey(difference.content_type, difference.source.id) not in moved:
        return
    place = _PLACES[difference.content_type]
    kept = {field: value for field, value in difference.changed.items() if field == place}
    if (
        len(kept) < len(difference.changed)
        or difference.extras
        or not all(child.empty for child in difference.children)
    ):
        difference.lost = {"everything else": ONLY_ITS_PLACE}
    difference.changed, difference.children, difference.extras, difference.beyond = kept, [], [], []
    difference.lacks = [lack for lack in difference.lacks if lack.field == place]


def warnings_of_misplaced(found: Iterable[Misplaced], names: Names) -> Iterator[str]:
    """Yield a line for each folder of the backup that misplaced items belong to."""
    homes: dict[str, list[Misplaced]] = {}
    for one in found:
        homes.setdefault(one.home, []).append(one)
    for home, ones in homes.items():
        shown = ", ".join(f"{kind_of(one.key.content_type)} {titled(one.key.id, one.name)}" for one in ones[:_SHOWN])
        more = f" and {len(ones) - _SHOWN} more" if len(ones) > _SHOWN else ""
        verb = "lies" if len(ones) == 1 else "lie"
        belongs = "belongs" if len(ones) == 1 else "belong"
        where = named("folders", home, names, live=False)
        yield f"{shown}{more} {verb} here and {belongs} to {where}; --exact moves what was moved here back"
