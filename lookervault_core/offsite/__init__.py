"""Copies of the vault somewhere else: pushed, listed, proven, pulled, pruned.

In the store there are `copies/`, each a vault as `zstd | age` leaves it, and `manifests/`, one for each copy, numbered. A
manifest is written last, and only if there is none of its number yet: an object without a manifest is no copy, and of two pushes
after the same copy the second one fails. Nothing is ever overwritten."""

from lookervault_core.offsite.copies import Listing, chosen, listing
from lookervault_core.offsite.keys import identities, recipients
from lookervault_core.offsite.manifest import Manifest
from lookervault_core.offsite.pull import Proof, prove, pull
from lookervault_core.offsite.push import Pushed, push
from lookervault_core.offsite.store import Patience, Store

__all__ = [
    "Listing",
    "Manifest",
    "Patience",
    "Proof",
    "Pushed",
    "Store",
    "chosen",
    "identities",
    "listing",
    "prove",
    "pull",
    "push",
    "recipients",
]
