"""How F-curves ease from one key to the next: everything between keys but steps, lines and Bezier curves.

Source: Penner's equations, with Blender's settings: Keyframe.back, .amplitude and .period.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating[Any]]

AUTO: Final = 0
EASE_OUT: Final = 2
EASE_IN_OUT: Final = 3
"""Numbers of Keyframe.easing."""

BACK: Final = 3
BOUNCE: Final = 4
ELASTIC: Final = 7
"""Numbers of Keyframe.interpolation. They ease out where the easing is automatic; all others ease in."""

_EXPO_START: Final = 2.0**-10
_BACK_ON_BOTH_SIDES: Final = 1.525
_BOUNCES: Final = np.array([[0.0, 0.0], [1.5, 0.75], [2.25, 0.9375], [2.625, 0.984375]]) / [[2.75, 1.0]]
"""Where each bounce has its middle, and how far the curve has come there."""
_BOUNCE_ENDS: Final = np.array([1.0, 2.0, 2.5]) / 2.75


def _bounce(t: Values) -> Values:
    place, height = _BOUNCES[np.searchsorted(_BOUNCE_ENDS, 1 - t, side="right")].T
    return 1 - height - 2.75**2 * np.square(1 - t - place)


_EASE_IN: Final[Mapping[int, Callable[[Values], Values]]] = {
    BOUNCE: _bounce,
    5: lambda t: 1 - np.sqrt(np.maximum(1 - t * t, 0.0)),  # CIRC
    6: lambda t: t**3,  # CUBIC
    8: lambda t: (2.0 ** (10 * (t - 1)) - _EXPO_START) / (1 - _EXPO_START),  # EXPO
    9: lambda t: t**2,  # QUAD
    10: lambda t: t**4,  # QUART
    11: lambda t: t**5,  # QUINT
    12: lambda t: 1 - np.cos(t * np.pi / 2),  # SINE
}
"""From 0 to 1, easing in."""

EASED: Final = frozenset({*_EASE_IN, BACK, ELASTIC})
"""Numbers of Keyframe.interpolation that ``Segments.eased`` knows."""

SHORTEST_PERIOD: Final = 1.0
"""Frames. Of shorter swings, where one is at a frame hangs on the last digit of Blender's 32 bits."""


@dataclass(frozen=True)
class Segments:
    """What curves ease over: arrays of one shape, one number for each moment that is asked for.

    Attributes:
        start, end: values of the keys.
        run: frames between them.
        easing: Keyframe.easing of the first one.
        back: how far BACK overshoots.
        amplitude: of ELASTIC, in values.
        period: of ELASTIC, in frames.
    """

    start: Values
    end: Values
    run: Values
    easing: NDArray[np.uint8]
    back: Values
    amplitude: Values
    period: Values

    def eased(self, kind: int, share: Values) -> Values:
        """The values where this share of each segment, between 0 and 1, has passed."""
        automatic = EASE_OUT if kind in (BACK, BOUNCE, ELASTIC) else AUTO
        easing = np.where(self.easing == AUTO, automatic, self.easing)
        if kind == ELASTIC:
            return self._elastic(easing, share)
        if kind == BACK:
            overshoot = self.back * np.where(easing == EASE_IN_OUT, _BACK_ON_BOTH_SIDES, 1.0)
            return self._on_the_way(easing, share, lambda t: t * t * ((overshoot + 1) * t - overshoot))
        return self._on_the_way(easing, share, _EASE_IN[kind])

    def _on_the_way(
        self, easing: NDArray[np.uint8], share: Values, ease_in: Callable[[Values], Values]
    ) -> Values:
        both = np.where(share < 0.5, ease_in(2 * share) / 2, 1 - ease_in(2 - 2 * share) / 2)
        one = np.where(easing == EASE_OUT, 1 - ease_in(1 - share), ease_in(share))
        return self.start + np.where(easing == EASE_IN_OUT, both, one) * (self.end - self.start)

    def _elastic(self, easing: NDArray[np.uint8], share: Values) -> Values:
        """Swings that die away from the key that is eased towards or, on both sides, from the middle."""
        both = easing == EASE_IN_OUT
        place = np.where(both, 2 * share - 1, share)
        out = (easing == EASE_OUT) | (both & (place >= 0))
        away = np.where(easing == EASE_OUT, share, np.where(both, np.abs(place), 1 - share))
        change = self.end - self.start
        period = np.where(self.period == 0, self.run * np.where(both, 0.45, 0.3), self.period)
        wide = (self.amplitude != 0) & (self.amplitude >= np.abs(change))
        height = np.where(wide, self.amplitude, change)
        turned = np.divide(change, height, out=np.ones_like(change), where=wide)
        lead = period * np.arcsin(turned) / (2 * np.pi)
        swing = height * 2.0 ** (-10 * away) * np.sin((away * self.run + lead) * 2 * np.pi / period)
        narrow = ~wide & (change != 0)
        near = np.minimum(np.divide(away * self.run, np.abs(lead), out=np.ones_like(away), where=narrow), 1.0)
        kept = np.divide(self.amplitude, np.abs(change), out=np.ones_like(away), where=narrow)
        swing *= kept * near + (1.0 - near)
        swing *= np.where(both, 0.5, 1.0)
        return np.where(out, self.end - swing, self.start + swing)
