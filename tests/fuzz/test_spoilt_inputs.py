"""Spoilt inputs of every kind: a right result or an error that says what to do, never anything else.

A short run for every change; ``make fuzz`` goes on for as long as one likes.
"""

import pytest
import targets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = {"card": 60, "weights": 30, "training state": 60}
"""Fewer for what builds networks; 120 for the others."""


@pytest.fixture(scope="module", autouse=True)
def _no_leftovers():
    yield
    targets.clear()


@pytest.mark.parametrize("name", targets.TARGETS)
def test_good_inputs_are_taken(name):
    target = targets.TARGETS[name]
    assert all(targets.check(target, content) for content in target.good)


@pytest.mark.filterwarnings("ignore")  # of numbers that overflow, of pickles with odd escapes
@pytest.mark.parametrize("name", targets.TARGETS)
def test_spoilt_inputs_never_do_worse_than_being_refused(name):
    target = targets.TARGETS[name]

    @settings(
        max_examples=EXAMPLES.get(name, 120), deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(st.randoms(use_true_random=True))
    def run(random):
        targets.check(target, target.spoilt(random))

    run()
