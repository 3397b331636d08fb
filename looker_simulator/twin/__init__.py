"""A twin of a Looker: an instance made from what another one said of itself, under the same ids.

What it is told is plain: for each kind of object the answers of the API, as bytes, by the id that each stands under. What no
answer shows (passwords, hidden values, the SQL of the SQL Runner) a twin does not have.
"""

from looker_simulator.twin.build import Lacking, Twin, build

__all__ = ["Lacking", "Twin", "build"]
