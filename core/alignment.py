"""How much of a dance's pulse its music hits, and how much it would hit by chance. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]
"""Times in seconds, rising."""

TOLERANCE_S = 0.1
"""How far an onset may be from a kinematic beat that it marks."""

SHIFTS = 200
"""How often music is shifted against its dance to learn what chance would hit."""


@dataclass(frozen=True)
class Alignment:
    """Music beside its dance.

    Attributes:
        hit: share of the kinematic beats with an onset within 100 ms.
        shifted: the mean of the same share for the music shifted around by random amounts.
        shifted_spread: the standard deviation of those shares.
        beats: how many kinematic beats there are.
    """

    hit: float
    shifted: float
    shifted_spread: float
    beats: int

    @classmethod
    def of(
        cls,
        beats_s: Times,
        onsets_s: Times,
        duration_s: float,
        rng: np.random.Generator,
        shifts: int = SHIFTS,
    ) -> Alignment:
        """Compares kinematic beats with onsets, both in seconds from the dance's first frame.

        Args:
            duration_s: of the music.
            rng: draws the shifts: circular ones, from half a second up to the whole length less that.
        """
        shares = [
            hit_share(beats_s, np.sort((onsets_s + random_shift(duration_s, rng)) % duration_s))
            for _ in range(shifts)
        ]
        hit = hit_share(beats_s, onsets_s)
        return cls(hit, float(np.mean(shares)), float(np.std(shares)), len(beats_s))


def hit_share(beats_s: Times, onsets_s: Times, tolerance_s: float = TOLERANCE_S) -> float:
    """Share of the beats with an onset within the tolerance; 0 where there is no onset or no beat."""
    if not len(beats_s) or not len(onsets_s):
        return 0.0
    after = np.searchsorted(onsets_s, beats_s)
    to_next = np.abs(onsets_s[np.minimum(after, len(onsets_s) - 1)] - beats_s)
    to_last = np.abs(onsets_s[np.maximum(after - 1, 0)] - beats_s)
    return float((np.minimum(to_next, to_last) <= tolerance_s).mean())


def random_shift(duration_s: float, rng: np.random.Generator) -> float:
    """How far (s) a piece is shifted against itself: half a second at least, either way around."""
    margin = min(0.5, duration_s / 4)
    return float(rng.uniform(margin, duration_s - margin))
