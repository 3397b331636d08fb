"""What a plan says that it costs is what it costs, reads and all, and how long the limit makes of it."""

from __future__ import annotations

import pytest

from lookervault_core.restore.report import Estimate, spoken


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (45, "45 s"), (714, "12 min"), (3900, "1 h 5 min")])
def test_a_duration_is_said_as_people_say_it(seconds, text):
    assert spoken(seconds) == text


def test_an_estimate_counts_plan_writes_and_reads_and_says_the_time_at_the_limit():
    cost = Estimate(plan=300, write=867, read=261, per_second=2)
    assert (cost.calls, round(cost.seconds)) == (1428, 714)
    assert str(cost) == "about 1,428 calls, 867 of them to write; 12 min at the limit of 2 a second"
    assert str(Estimate(300, 867, 261)) == "about 1,428 calls, 867 of them to write"
    assert str(Estimate(9, 0, 0, 2)) == "nothing to write"
