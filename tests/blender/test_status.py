"""What the progress says: stage, part done, time left."""

import pytest
from kinetone.blender_addon import status as module
from kinetone.blender_addon.status import Status, duration


@pytest.fixture
def clock(monkeypatch):
    """Seconds that go by when the test says so."""

    class Clock:
        now_s = 100.0

        def monotonic(self):
            return self.now_s

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_the_time_left_follows_from_the_pace_of_the_stage(clock):
    status = Status()
    status.begin()
    status.show("Reading the dance", 0.1)
    assert status.time_left_s == -1
    clock.now_s += 30  # reading was slow; composing is not judged by it
    status.show("Composing", 0.1)
    clock.now_s += 10
    status.show("Composing", 0.3)
    assert status.time_left_s == pytest.approx(35.0)
    assert status.progress == "Composing 30%, 35 s left"
    status.running = False
    assert status.time_left_s == -1


def test_nothing_is_said_before_the_pace_has_settled(clock):
    status = Status()
    status.begin()
    status.show("Composing", 0.1)
    clock.now_s += 0.5
    status.show("Composing", 0.5)
    assert status.progress == "Composing 50%"


def test_progress_never_goes_backwards():
    status = Status()
    status.show("Composing", 0.5)
    status.show("Composing", 0.4)
    assert status.fraction == 0.5
    status.show("Writing", 7.0)
    assert status.fraction == 1.0


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (200, "3:20 min"), (3900, "1:05 h")]
)
def test_durations_are_said_as_people_say_them(seconds, words):
    assert duration(seconds) == words
