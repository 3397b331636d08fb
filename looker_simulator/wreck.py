"""A bad day: damages an instance in every way that loses people their work, for the demo and the tests."""

from looker_simulator import wreck_agents, wreck_content, wreck_future, wreck_people, wreck_settings
from looker_simulator.vandal import Vandal
from looker_simulator.world import World

_DAMAGES = (
    *wreck_content.DAMAGES,
    *wreck_people.DAMAGES,
    *wreck_future.DAMAGES,
    *wreck_settings.DAMAGES,
    *wreck_agents.DAMAGES,
)
_EXTRAS = (*wreck_content.EXTRAS, *wreck_people.EXTRAS)


def wreck(world: World, seed: int = 1, *, extras: bool = True) -> list[str]:
    """Damage the instance and return what was done, one line each. Equal instances and seeds are damaged alike.

    The API user, its groups and the Admin role stay as they are, and only what can come back through the API is destroyed:
    no external logins and memberships, no hidden values, no dashboards with tiles that have no place. *extras* also adds
    objects that nobody had before; a restore that is not exact leaves them.
    """
    with world.lock:
        vandal = Vandal(world, seed)
        for damage in _DAMAGES + (_EXTRAS if extras else ()):
            damage(vandal)
        return vandal.did
