"""What the training tests learn from."""

import pytest
from mini_aistpp import mini_aistpp

__all__ = ["mini_aistpp"]


@pytest.fixture(scope="session")
def tones(tmp_path_factory):
    """Files with a tone each."""
    from tiny_runs import write_tones

    return write_tones(tmp_path_factory.mktemp("tones"))


@pytest.fixture(scope="session")
def pairs():
    """A dance whose beats its music keeps."""
    from tiny_runs import beaten_pairs

    return beaten_pairs()
