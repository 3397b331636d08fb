"""Flows: when, and in what order. Importing this package settles Prefect's defaults: offline, patient, quiet."""

import os

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # An ephemeral server takes up to half a minute to start on a cold machine; Prefect's own default gives up after 20 s.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
}
for _name, _value in DEFAULTS.items():
    os.environ.setdefault(_name, _value)
