"""The page to listen to a corpus and to look at it."""

import base64
import json
import re

import numpy as np
import pytest
import soundfile
from kinetone.core.errors import FileFormatError
from kinetone.core.timing import SAMPLE_RATE
from kinetone.training.corpus.preview import write_preview

SECONDS = 2


@pytest.fixture
def corpus(tmp_path, sample_dance):
    """Three pieces of two genres."""
    pieces = []
    for number, genre in enumerate(["salsa", "salsa", "street_jazz"]):
        name = f"{number:05d}_{genre}"
        dance = sample_dance[60 * number : 60 * (number + SECONDS)]
        beats_s = np.arange(0.1, SECONDS, 0.5)
        np.savez(
            tmp_path / f"{name}.npz",
            joints=dance.astype(np.float32),
            beat_times_s=beats_s,
            downbeat_times_s=beats_s[::4],
            tempo_bpm=120.0,
            section_starts_s=np.array([0.0, 1.0]),
            section_names=np.array(["verse", "break"]),
        )
        tone = 0.3 * np.sin(np.arange(len(dance) * 400) / 9)
        soundfile.write(tmp_path / f"{name}.flac", tone, SAMPLE_RATE)
        pieces.append(
            {"name": name, "genre": genre, "song": f"{genre}-00", "dance": "d", "split": "train"}
            | {"frames": len(dance)}
        )
    (tmp_path / "index.json").write_text(json.dumps({"pieces": pieces}))
    return tmp_path


def test_every_genre_has_its_players_and_pictures(corpus):
    page = write_preview(corpus, 1).read_text(encoding="utf-8")
    assert re.findall("<h2>(.*)</h2>", page) == ["salsa", "street jazz"]
    for kind in ("flac", "png"):
        sources = re.findall(rf'src="([^"]+\.{kind})"', page)
        assert len(sources) == 2
        assert all((corpus / "preview" / source).resolve().exists() for source in sources)


def test_the_dancer_on_the_page_is_the_dance(corpus):
    page = write_preview(corpus, 2).read_text(encoding="utf-8")
    shown = np.frombuffer(base64.b64decode(re.search('data-joints="([^"]+)"', page)[1]), "<i2")
    with np.load(corpus / "00000_salsa.npz") as pair:
        assert np.abs(shown.reshape(-1, 24, 3) / 1000 - pair["joints"][::3]).max() < 6e-4


def test_a_folder_without_a_whole_corpus_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match="no whole corpus"):
        write_preview(tmp_path, 1)
