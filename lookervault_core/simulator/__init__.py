"""A local Looker API 4.0 on a real port, strict where Looker is, with faults on demand. For the demo and the tests."""

from lookervault_core.simulator.faults import Fault
from lookervault_core.simulator.mutations import mutate
from lookervault_core.simulator.options import PRESETS, SimulatorOptions
from lookervault_core.simulator.oracle import differences
from lookervault_core.simulator.server import Simulator, serve
from lookervault_core.simulator.wreck import wreck

__all__ = ["PRESETS", "Fault", "Simulator", "SimulatorOptions", "differences", "mutate", "serve", "wreck"]
