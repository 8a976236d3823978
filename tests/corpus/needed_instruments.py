"""The instruments that some tests play, which are not part of the project."""

import shutil

import pytest
from kinetone.core.errors import AudioError
from kinetone.training.corpus import instruments


def _missing():
    try:
        instruments.soundfont()
        instruments.samples_folder()
    except AudioError as error:
        return str(error)
    return None if shutil.which("fluidsynth") else "the program fluidsynth is not installed"


_MISSING = _missing()
needs_instruments = pytest.mark.skipif(_MISSING is not None, reason=str(_MISSING))
