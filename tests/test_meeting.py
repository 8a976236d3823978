"""Among continuations, the one in step with what comes after it is preferred."""

import numpy as np
import pytest
import torch
from kinetone.core.codec.quantizer import ResidualVectorQuantizer
from kinetone.core.meeting import PulseMeeting

PERIOD, END, FRAMES = 36, 300, 700


@pytest.fixture(scope="module")
def quantizer():
    torch.manual_seed(0)
    made = ResidualVectorQuantizer(4, 16, 8)
    made.codebooks.normal_()
    return made


def pulse(phase, frames):
    """Codes ``(4, n)`` of notes that begin every PERIOD frames."""
    notes = (np.arange(frames) - phase) // PERIOD
    return torch.from_numpy((notes * 5 + np.arange(4)[:, None]) % 16)


def rating_of(quantizer, kept, rated=lambda codes, start: torch.zeros(len(codes))):
    return PulseMeeting(rated, quantizer, kept, END)


def test_the_continuation_in_step_is_preferred(quantizer):
    kept = pulse(0, FRAMES)
    candidates = torch.stack([pulse(phase, FRAMES)[:, END - 120 : END] for phase in (9, 0, 18, 27)])
    rated = rating_of(quantizer, kept)(candidates, END - 120)
    assert rated.argmax() == 1
    assert rated[1] > rated[[0, 2, 3]].max() + 0.3


def test_the_other_rating_counts_too(quantizer):
    kept = pulse(0, FRAMES)
    candidates = torch.stack([pulse(phase, FRAMES)[:, END - 120 : END] for phase in (18, 0)])

    def others(codes, start):
        return torch.tensor([50.0, 0.0])

    assert rating_of(quantizer, kept, others)(candidates, END - 120).argmax() == 0


def test_pieces_before_the_last_are_left_to_the_other_rating(quantizer):
    candidates = torch.stack([pulse(phase, FRAMES)[:, :120] for phase in (18, 0)])
    assert rating_of(quantizer, pulse(0, FRAMES))(candidates, 60).tolist() == [0, 0]


@pytest.mark.parametrize("after", [0, 1, 30, 60])
@pytest.mark.parametrize("frames", [1, 8, 120])
def test_where_there_is_little_to_compare_nothing_breaks(quantizer, after, frames):
    kept = pulse(0, END + after)
    candidates = torch.stack([pulse(phase, END)[:, -frames:] for phase in (18, 0)])
    assert torch.isfinite(rating_of(quantizer, kept)(candidates, END - frames)).all()


def test_an_even_drone_has_no_pulse_to_meet(quantizer):
    kept = torch.zeros(4, FRAMES, dtype=torch.long)
    candidates = torch.stack([pulse(phase, FRAMES)[:, END - 120 : END] for phase in (18, 0)])
    assert rating_of(quantizer, kept)(candidates, END - 120).tolist() == [0, 0]
