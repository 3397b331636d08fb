"""How long to wait for an object that was just created: a clustered Looker may answer 404 for it for a moment."""

from __future__ import annotations

from datetime import timedelta

# How long to wait before each time that something new is asked for again, in seconds.
PAUSES_S = (0.2, 0.5, 1.0, 2.0)

# How long to go on looking for what a create without an answer may have made, in seconds.
LOST_PAUSES_S = (*PAUSES_S, 4.0)

# By then every node of a clustered Looker knows of what was made (an upper bound of our own; seconds are what people report).
SETTLED = timedelta(minutes=1)
