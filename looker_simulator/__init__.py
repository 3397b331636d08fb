"""A local Looker API 4.0 on a real port, strict where Looker is, with faults on demand. For the demo and the tests."""

from looker_simulator.faults import Fault
from looker_simulator.mutations import mutate
from looker_simulator.options import PRESETS, SimulatorError, SimulatorOptions
from looker_simulator.oracle import differences
from looker_simulator.server import Simulator, serve
from looker_simulator.wreck import wreck

__all__ = [
    "PRESETS",
    "Fault",
    "Simulator",
    "SimulatorError",
    "SimulatorOptions",
    "differences",
    "mutate",
    "serve",
    "wreck",
]
