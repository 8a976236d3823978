"""Variants of a dance, and of its music where the two must change together."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from ...core.errors import KinetoneError
from ...core.motion.motion import Joints
from ...core.motion.resample import resample
from ...core.motion.skeleton import MIRROR, N_JOINTS, mirror_image
from ...core.timing import FRAME_RATE
from ..corpus.body import bone_lengths, smooth_noise, with_bone_lengths

_NOISE_FRAMES = 3.0
"""Over how many frames the error of a motion capture is smooth."""


@dataclass(frozen=True)
class Augmentation:
    """Which variants of every training pair are made beside the pair itself.

    Turning the dance is not among them: the features take the first frame's heading out, so a turned
    dance has the same ones. For the same reason ``body`` changes proportions, not height.

    Attributes:
        variants: how many of each pair.
        mirror: left and right change places in the first variant, the third, and so on.
        speed: dance and music up to this share faster or slower, such as 0.1; the pitch goes along.
        body: standard deviation of the bones' lengths, as a share, such as 0.05.
        noise_m: standard deviation of the joints' positions in metres, such as 0.005.
        seed: of what is chosen.
    """

    variants: int = 0
    mirror: bool = False
    speed: float = 0.0
    body: float = 0.0
    noise_m: float = 0.0
    seed: int = 0

    def check(self) -> None:
        """Raises: KinetoneError (data.augmentation) for settings that say nothing or too much."""
        changes = self.mirror or self.speed or self.body or self.noise_m
        wrong = self.variants < 0 or not 0 <= self.speed < 1 or self.body < 0 or self.noise_m < 0
        if wrong or bool(self.variants) != bool(changes):
            raise KinetoneError(
                f"{self.variants} variants cannot be made with these changes.",
                code="data.augmentation",
                hint="Give a number of variants and at least one change: mirror, speed (below 1), body or "
                "noise-m.",
            )


def varied(joints: Joints, name: str, variant: int, augmentation: Augmentation) -> tuple[Joints, float]:
    """One variant of a dance; number 0 is the dance itself.

    The same arguments give the same variant.

    Args:    joints: (N, 24, 3) at 60 Hz, metres; name: of the pair.
    Returns: (N', 24, 3) at 60 Hz, metres; and how much faster the music must be played.
    """
    if variant == 0:
        return joints, 1.0
    rng = np.random.default_rng((augmentation.seed, variant, zlib.crc32(name.encode())))
    reach = np.log1p(augmentation.speed)
    speed = float(np.exp(rng.uniform(-reach, reach)))
    if augmentation.speed:
        joints = resample(joints, FRAME_RATE * speed)
    if augmentation.mirror and variant % 2:
        joints = mirror_image(joints)
    if augmentation.body:
        joints = with_bone_lengths(joints, bone_lengths(joints) * _proportions(augmentation.body, rng))
    if augmentation.noise_m:
        # A dance without depth (2-D keypoints) keeps none.
        extent = np.ptp(joints, axis=(0, 1)) > 0
        noise = smooth_noise(joints.shape, _NOISE_FRAMES, rng)
        joints = joints + noise * extent * augmentation.noise_m
    return joints, speed


def _proportions(spread: float, rng: np.random.Generator) -> np.ndarray:
    """(24,) factors of the bones' lengths, the same on both sides of the body."""
    drawn = np.exp(rng.normal(0.0, spread, N_JOINTS))
    return np.sqrt(drawn * drawn[list(MIRROR)])
