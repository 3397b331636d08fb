"""A deterministic instance: equal options give equal worlds, to the byte."""

from looker_simulator import checkouts, connected, images
from looker_simulator.options import SimulatorOptions
from looker_simulator.seed import (
    agents,
    bulk,
    dashboards,
    extras,
    folders,
    future,
    lookml,
    looks,
    people,
    settings,
    tile_groups,
)
from looker_simulator.shapes import warm
from looker_simulator.shapes_content import DASHBOARD
from looker_simulator.world import World


def build(options: SimulatorOptions) -> World:
    """Return a new world of the size that *options* ask for. Ten thousand dashboards of 40 KB take a few seconds."""
    world = World(options)
    preset = options.preset
    people.populate(world, preset)
    extras.styles(world, preset)
    lookml.populate(world, preset)
    folders.populate(world, preset)
    looks.populate(world, preset)
    dashboards.populate(world, preset)
    bulk.populate(world, preset)
    lookml.dashboards(world, preset)
    extras.content(world, preset)
    settings.populate(world)
    agents.populate(world)
    connected.populate(world)
    checkouts.populate(world)
    tile_groups.populate(world)
    images.populate(world)
    future.endow(world)
    warm(world, DASHBOARD)
    return world
