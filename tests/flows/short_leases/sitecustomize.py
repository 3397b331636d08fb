"""On the PYTHONPATH of a worker: Prefect renews a run's hold on its deployment's slot each 3 s instead of each 225 s."""

from prefect.concurrency import _leases

if getattr(_leases, "_RENEWAL_FRACTION", None) != 0.75:
    raise SystemExit("Prefect renews leases in another way now; see short_leases")
_leases._RENEWAL_FRACTION = 0.01  # of the 300 s that flow_engine.py names
