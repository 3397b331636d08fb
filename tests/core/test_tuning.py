"""What held a run back, and what is recommended."""

from hypothesis import given
from hypothesis import strategies as st

from lookervault_core.tuning import Observed, PerformanceTuner, diagnose


def observed(**more: float) -> Observed:
    facts = {"wall_s": 10.0, "cpu_s": 1.0, "asking_s": 5.0, "waiting_s": 0.0, "keeping_s": 1.0, "page_latency_s": 0.2}
    counts = {"cores": 2, "workers": 8, "items": 10_000, "bytes": 400_000_000, "pages": 100}
    return Observed(**(facts | counts | more))  # ty: ignore[invalid-argument-type]


def test_a_slow_server_is_answered_with_more_workers():
    few = PerformanceTuner(latency_s=0.05).recommend_for_dataset(total_items=50_000, avg_item_size_kb=40)
    many = PerformanceTuner(latency_s=2.0).recommend_for_dataset(total_items=50_000, avg_item_size_kb=40)
    assert many.workers > few.workers


def test_workers_that_cannot_help_are_warned_about():
    tuner = PerformanceTuner(latency_s=0.01)
    assert "cannot help" in tuner.recommend_for_dataset(total_items=50_000, avg_item_size_kb=40, workers=50).warning
    limited = PerformanceTuner(requests_per_second=2)
    assert "rate limit" in limited.recommend_for_dataset(total_items=50_000, avg_item_size_kb=40, workers=50).warning


def test_there_are_never_more_workers_than_pages():
    assert PerformanceTuner(latency_s=5).recommend_for_dataset(total_items=3, avg_item_size_kb=4_000).workers <= 3


@given(st.integers(1, 10**6), st.floats(0.1, 5_000), st.floats(0.001, 10), st.floats(0, 1_000), st.integers(1, 50))
def test_more_workers_are_never_expected_to_be_slower(total, size_kb, latency_s, limit, workers):
    tuner = PerformanceTuner(latency_s=latency_s, requests_per_second=limit)
    page = tuner.recommend_for_dataset(total_items=total, avg_item_size_kb=size_kb).page_size
    assert tuner.throughput(workers, page, size_kb)[0] <= tuner.throughput(workers + 1, page, size_kb)[0]


def test_the_largest_share_is_named_as_what_held_the_run_back():
    assert "rate limit" in diagnose(observed(waiting_s=70.0))[0].split("(")[0]
    assert "processors" in diagnose(observed(cpu_s=19.0))[0].split("(")[0]
    assert "answers" in diagnose(observed(asking_s=75.0))[0].split("(")[0]
    assert "writing" in diagnose(observed(keeping_s=75.0))[0].split("(")[0]
