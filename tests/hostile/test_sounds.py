"""Sounds whose headers say what cannot be."""

import io
import struct

import numpy as np
import pytest
import soundfile
from bounded import read_alone
from kinetone.core.errors import FileFormatError
from kinetone.training.audio import read_audio


def flac_of_years():
    """A FLAC file whose header claims as many samples as it can."""
    file = io.BytesIO()
    soundfile.write(file, np.zeros(4000), 24_000, format="FLAC")
    content = bytearray(file.getvalue())
    content[21] |= 0x0F
    content[22:26] = b"\xff" * 4
    return bytes(content)


@pytest.mark.parametrize("rate", [0, 1, 2**31 - 1])
def test_sounds_of_other_rates(tmp_path, rate):
    file = io.BytesIO()
    soundfile.write(file, np.zeros(4000), 24_000, format="WAV")
    content = bytearray(file.getvalue())
    content[24:28] = struct.pack("<L", rate)
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(FileFormatError) as caught:
        read_audio(tmp_path / "a.wav")
    assert caught.value.code == "training.unreadable_audio"


def test_a_sound_that_claims_years_takes_little_memory(tmp_path):
    (tmp_path / "a.flac").write_bytes(flac_of_years())
    end = read_alone("kinetone.training.audio:read_audio", tmp_path / "a.flac")
    assert (end.code, end.growth_mb < 50) == ("training.unreadable_audio", True), end
