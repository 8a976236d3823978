"""What a user may ask of the music. Free of torch: Blender and the command line read the limits here."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import KinetoneError

MAX_SEED = 2**31 - 1
"""The largest integer that a Blender property holds."""

MAX_TAKES = 8
"""Takes made in one go."""

MAX_DANCERS = 8
"""Dancers that one piece of music can follow."""

DEVICES = ("cpu", "gpu")
"""What music can be made on."""

ENERGY_RANGE = (0.25, 2.0)
TEMPO_RANGE_BPM = (30.0, 300.0)
MAX_STRENGTH = 100.0
"""Of the temperature and of a genre; beyond it probabilities are no numbers any more."""


@dataclass(frozen=True)
class GenerateOptions:
    """What the user asks for.

    Attributes:
        seed: of the random choices; the same seed gives the same music.
        genre: one of the checkpoint's genres, or None to leave it to the dance.
        takes: how many different pieces to make for the same dance.
        temperature: how adventurous the choices are; 0 is greedy.
        top_k: how many codes are open to choice in each codebook at each frame; 0 for all.
        genre_strength: 1 as trained; 0 as without the genre, above 1 further away from that
            (classifier-free guidance). Without a genre it changes nothing.
        energy: how strongly the dance is danced, 0.25 to 2, as the model sees it; 1 as it is.
        tempo_bpm: beats a minute, 30 to 300, that the music keeps to; None for the dance's own pulse.
    """

    seed: int = 0
    genre: str | None = None
    takes: int = 1
    temperature: float = 0.5
    top_k: int = 64
    genre_strength: float = 1.0
    energy: float = 1.0
    tempo_bpm: float | None = None

    def check(self) -> None:
        """Whether these can be asked of any model.

        Raises: KinetoneError (generate.options) naming everything that is out of its range.
        """
        rules = {
            "takes": (self.takes >= 1, "1 or more"),
            "temperature": (_within(self.temperature, (0, MAX_STRENGTH)), f"0 to {MAX_STRENGTH:g}"),
            "top_k": (self.top_k >= 0, "0 or more"),
            "genre_strength": (_within(self.genre_strength, (0, MAX_STRENGTH)), f"0 to {MAX_STRENGTH:g}"),
            "energy": (_within(self.energy, ENERGY_RANGE), "{:g} to {:g}".format(*ENERGY_RANGE)),
            "tempo_bpm": (
                self.tempo_bpm is None or _within(self.tempo_bpm, TEMPO_RANGE_BPM),
                "{:g} to {:g}".format(*TEMPO_RANGE_BPM),
            ),
        }
        broken = {name: words for name, (is_good, words) in rules.items() if not is_good}
        if broken:
            values = ", ".join(f"{name} {getattr(self, name)}" for name in broken)
            raise KinetoneError(
                f"Music cannot be generated with {values}.",
                code="generate.options",
                hint=f"Choose {'; '.join(f'{name}: {words}' for name, words in broken.items())}.",
            )


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
