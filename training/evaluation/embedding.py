"""Music as points in a space of sound, and what distances there say: genre, diversity, Fréchet distance.

The space needs no download: a point is the log-mel statistics of two seconds. It knows timbre and
loudness, not melody. Distances in it are no VGGish distances and are not to be compared with those.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
from librosa import power_to_db
from librosa.feature import melspectrogram
from sklearn.neighbors import KNeighborsClassifier

from ...core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE

Points = npt.NDArray[np.float64]
"""(V, 64): one row for each two seconds of music, of which every next one begins a second later."""

N_MELS = 32
SPAN_FRAMES = 2 * FRAME_RATE
"""Two seconds, the length of the segments that D2M-GAN retrieves."""

MOST_COMPARED = 200
"""Pairs of pieces that diversity is averaged over, as in MoMu-Diffusion's appendix B.4."""


def log_mel(waveform: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The spectrogram (32, N) of a waveform ``(S,)`` at 24 kHz in dB, every 1/60 s."""
    power = melspectrogram(y=waveform, sr=SAMPLE_RATE, n_fft=1024, hop_length=HOP_LENGTH, n_mels=N_MELS)
    return np.asarray(power_to_db(power, amin=1e-8, top_db=None))


def log_mel_statistics(waveform: npt.NDArray[np.float32]) -> Points:
    """The points of a waveform ``(S,)`` at 24 kHz: mean and standard deviation of 32 log-mel bands (dB).

    A piece shorter than two seconds has one point.
    """
    level = log_mel(waveform)
    starts = range(0, max(1, level.shape[1] - SPAN_FRAMES + 1), SPAN_FRAMES // 2)
    spans = [level[:, start : start + SPAN_FRAMES] for start in starts]
    return np.array([np.concatenate([span.mean(1), span.std(1)]) for span in spans], dtype=np.float64)


@dataclass(frozen=True)
class Reference:
    """Real music that other music is compared with; it gives the space its units.

    Attributes:
        points: of all its pieces, in dB.
        genres: ``(V,)`` text, that of each point's piece.
        pieces: the names of the pieces.
    """

    points: Points
    genres: npt.NDArray[np.str_]
    pieces: tuple[str, ...]

    def save(self, path: Path) -> None:
        """Writes an ``.npz`` of plain arrays, aside and renamed."""
        aside = path.with_name(path.name + ".part")
        with aside.open("wb") as file:
            np.savez(file, points=self.points, genres=self.genres, pieces=np.array(json.dumps(self.pieces)))
        aside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Reference:
        """Reads what :meth:`save` wrote; nothing in it is unpickled."""
        with np.load(path, allow_pickle=False) as data:
            return cls(data["points"], data["genres"], tuple(json.loads(str(data["pieces"]))))


class SoundSpace:
    """The space of a reference, each axis in its standard deviations: distances mean the same on all.

    Args:
        reference: real music, of pieces that are not judged.
    Attributes:
        genres: of the reference.
    """

    def __init__(self, reference: Reference) -> None:
        self._mean = reference.points.mean(0)
        self._scale = reference.points.std(0) + 1e-9
        self._points = self._scaled(reference.points)
        self._retrieval = KNeighborsClassifier(n_neighbors=1).fit(self._points, reference.genres)
        self.genres = tuple(np.unique(reference.genres).tolist())

    def _scaled(self, points: Points) -> Points:
        return (points - self._mean) / self._scale

    def genre_accuracy(self, points: Points, genre: str) -> float:
        """Share of a piece's points whose nearest neighbour in the reference is of the genre.

        Source: D2M-GAN (Zhu et al. 2022), section 4.2, by retrieval; its features are VGGish.
        """
        return float((self._retrieval.predict(self._scaled(points)) == genre).mean())

    def genre_of(self, points: Points) -> str:
        """The genre of a piece: that of the most of its points' nearest neighbours in the reference."""
        names, counts = np.unique(self._retrieval.predict(self._scaled(points)), return_counts=True)
        return str(names[counts.argmax()])

    def frechet_distance(self, points: Points) -> float:
        """Fréchet distance of normal distributions fitted to these points and to the reference's."""
        return frechet_distance(self._scaled(points), self._points)

    def diversity(self, pieces: list[Points], rng: np.random.Generator) -> float:
        """Mean distance of two pieces, each as its mean point, over 200 pairs at most.

        Source: MoMu-Diffusion (2024), appendix B.4: inter-diversity for pieces for several dances,
        intra-diversity for several pieces for one dance; its features are VGGish.
        """
        centres = [self._scaled(points).mean(0) for points in pieces]
        pairs = list(combinations(range(len(centres)), 2))
        if len(pairs) > MOST_COMPARED:
            pairs = [pairs[i] for i in rng.choice(len(pairs), MOST_COMPARED, replace=False)]
        return float(np.mean([np.linalg.norm(centres[a] - centres[b]) for a, b in pairs]))


def frechet_distance(a: Points, b: Points) -> float:
    """Squared Fréchet distance of normal distributions fitted to two sets of points ``(V, D)``.

    Source: Kilgour et al. 2019, "Fréchet audio distance", equation 1, on any embedding.
    """
    shift = a.mean(0) - b.mean(0)
    of_a, of_b = (np.atleast_2d(np.cov(points, rowvar=False, ddof=0)) for points in (a, b))
    # The trace of the root of a product of covariances, by the symmetric matrix with the same eigenvalues.
    values, vectors = np.linalg.eigh(of_a)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    shared = np.sqrt(np.linalg.eigvalsh(root @ of_b @ root).clip(0)).sum()
    return float(max(0.0, shift @ shift + np.trace(of_a) + np.trace(of_b) - 2 * shared))
