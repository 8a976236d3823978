"""How well music fits a dance, or other music, in time: pure functions of waveforms and times."""

from __future__ import annotations

from dataclasses import dataclass

import mir_eval
import numpy as np
import numpy.typing as npt
from librosa.beat import beat_track
from librosa.onset import onset_detect

from ...core.alignment import SHIFTS, Alignment, Times, hit_share
from ...core.timing import FRAME_RATE, SAMPLE_RATE

HIT_FRAMES = 6
"""A beat is hit by one that is less than this many frames (0.1 s) away: method paper, section 4.2."""

ALIGNMENT_SPREAD_FRAMES = 3.0
"""The sigma of the beat alignment score, in frames of 1/60 s."""


def musical_onsets(waveform: npt.NDArray[np.float32]) -> Times:
    """Times (s) of the plain onsets of a waveform ``(S,)`` at 24 kHz.

    Source: the rhythm-point detector of MoMu-Diffusion (2024), appendix B.4, with its parameters.
    """
    times = onset_detect(
        y=waveform,
        sr=SAMPLE_RATE,
        wait=1,
        delta=0.2,
        pre_avg=3,
        post_avg=3,
        pre_max=3,
        post_max=3,
        units="time",
    )
    return np.asarray(times, dtype=np.float64)


def metrical_beats(waveform: npt.NDArray[np.float32]) -> Times:
    """Times (s) of the beats that a listener would tap to a waveform ``(S,)`` at 24 kHz.

    Source: Ellis 2007, "Beat tracking by dynamic programming", as librosa has it.
    """
    _, times = beat_track(y=waveform, sr=SAMPLE_RATE, units="time")
    return np.asarray(times, dtype=np.float64)


@dataclass(frozen=True)
class Rhythm:
    """What is heard of a piece's timing.

    Attributes:
        onsets_s: its plain onsets, seconds from the first sample.
        beats_s: its metrical beats.
        duration_s: of the whole piece.
    """

    onsets_s: Times
    beats_s: Times
    duration_s: float

    @classmethod
    def of(cls, waveform: npt.NDArray[np.float32]) -> Rhythm:
        """The rhythm of a waveform ``(S,)`` at 24 kHz."""
        return cls(musical_onsets(waveform), metrical_beats(waveform), len(waveform) / SAMPLE_RATE)

    def shifted(self, by_s: float) -> Rhythm:
        """The same piece played around: what is pushed over its end comes in at its start."""
        onsets, beats = (np.sort((times + by_s) % self.duration_s) for times in (self.onsets_s, self.beats_s))
        return Rhythm(onsets, beats, self.duration_s)

    def lasting(self, duration_s: float) -> Rhythm:
        """The same piece, repeated or cut to another duration."""
        starts = np.arange(0.0, duration_s, self.duration_s)[:, None]
        onsets, beats = ((starts + times).ravel() for times in (self.onsets_s, self.beats_s))
        return Rhythm(onsets[onsets < duration_s], beats[beats < duration_s], duration_s)


def marked_frames(times_s: Times) -> npt.NDArray[np.intp]:
    """The frames of 1/60 s that hold at least one of the times, ascending."""
    return np.unique(np.floor(times_s * FRAME_RATE + 1e-6).astype(np.intp))


def beats_coverage_score(generated_s: Times, real_s: Times) -> float:
    """Beats of the generated music for each beat of the real music; may exceed 1.

    Source: RVQ dance-to-music 2026, section 4.2, on vectors of one element per frame of 1/60 s.
    The paper names no detector; D2M-GAN, whose scores these are, takes onsets as beats.
    """
    real = marked_frames(real_s)
    return len(marked_frames(generated_s)) / len(real) if len(real) else 0.0


def beats_hit_score(generated_s: Times, real_s: Times) -> float:
    """Share of the real music's beats whose nearest generated beat is less than 6 frames (0.1 s) away.

    Source: RVQ dance-to-music 2026, section 4.2.
    """
    generated, real = marked_frames(generated_s), marked_frames(real_s)
    if not len(generated) or not len(real):
        return 0.0
    return float((np.abs(real[:, None] - generated[None]).min(1) < HIT_FRAMES).mean())


@dataclass(frozen=True)
class Match:
    """How many of the generated music's rhythm points, and of the real music's, have a counterpart."""

    coverage: float
    hit: float


def improved_match(generated_s: Times, real_s: Times) -> Match:
    """The improved beats coverage and beats hit: matched points by generated, and by real points.

    A point is a second that holds an onset, as in the published code of LORIS, from which these
    scores come; MoMu-Diffusion's text leaves open what counts as a match.

    Source: MoMu-Diffusion (2024), appendix B.4.
    """
    generated, real = (np.unique(np.floor(times)) for times in (generated_s, real_s))
    matched = len(np.intersect1d(generated, real))
    return Match(matched / max(1, len(generated)), matched / max(1, len(real)))


def harmonic_mean(a: float, b: float) -> float:
    """The F1 of two shares; 0 where both are."""
    return 2 * a * b / (a + b) if a + b else 0.0


def onset_f(generated_s: Times, real_s: Times, window_s: float = 0.05) -> float:
    """F-measure of onsets that pair off one to one within the window, by ``mir_eval``; 0 without any."""
    if not len(generated_s) or not len(real_s):
        return 0.0
    return float(mir_eval.onset.f_measure(real_s, generated_s, window=window_s)[0])


def beat_f(generated_s: Times, real_s: Times) -> float:
    """F-measure of metrical beats within 70 ms, from the piece's start on, by ``mir_eval``; 0 without any."""
    if not len(generated_s) or not len(real_s):
        return 0.0
    return float(mir_eval.beat.f_measure(real_s, generated_s))


def beat_alignment_score(beats_s: Times, kinematic_beats_s: Times) -> float:
    """How near each beat of the music has a kinematic beat: 1 for all together, 0 for none near.

    Source: beat align score of Bailando (Siyao et al. 2022), as ExpressiveBailando (2024) reports
    it: the mean over musical beats of exp(-d² / 2σ²), d to the nearest beat of the dance, σ 3 frames.
    """
    if not len(beats_s) or not len(kinematic_beats_s):
        return 0.0
    distance = np.abs(beats_s[:, None] - kinematic_beats_s[None]).min(1) * FRAME_RATE
    return float(np.exp(-(distance**2) / (2 * ALIGNMENT_SPREAD_FRAMES**2)).mean())


def rhythm_scores(music: Rhythm, real: Rhythm, kinematic_beats_s: Times) -> dict[str, float]:
    """Every rhythm score of a piece, by name.

    Args:
        music: to be judged.
        real: the dance's own music, of the same duration.
        kinematic_beats_s: of the dance.
    """
    match = improved_match(music.onsets_s, real.onsets_s)
    return {
        "beats_coverage": beats_coverage_score(music.onsets_s, real.onsets_s),
        "beats_hit": beats_hit_score(music.onsets_s, real.onsets_s),
        "improved_bcs": match.coverage,
        "improved_bhs": match.hit,
        "onset_f": onset_f(music.onsets_s, real.onsets_s),
        "beat_f": beat_f(music.beats_s, real.beats_s),
        "beat_alignment": beat_alignment_score(music.beats_s, kinematic_beats_s),
        "kinematic_hit": hit_share(kinematic_beats_s, music.onsets_s),
    }


def beat_alignment(
    waveform: npt.NDArray[np.float32], beats_s: Times, rng: np.random.Generator, shifts: int = SHIFTS
) -> tuple[Alignment, Times]:
    """Compares music with a dance's kinematic beats, and the same music shifted against them.

    Args:
        waveform: ``(S,)`` at 24 kHz, sample 0 at the dance's first frame.
        beats_s: kinematic beats in seconds from the dance's first frame.
        rng: draws the shifts.
    Returns: the alignment, and the onsets (s) that were found.
    """
    onsets = musical_onsets(waveform)
    return Alignment.of(beats_s, onsets, len(waveform) / SAMPLE_RATE, rng, shifts), onsets
