"""WAV files: exact samples, whole or not at all."""

import errno
import os
import subprocess
import sys
import textwrap
import wave
from unittest.mock import Mock

import numpy as np
import pytest
import soundfile
from kinetone.core.audio import MusicFiles, write_wav
from kinetone.core.errors import AudioError, Cancelled
from kinetone.core.unfinished import remove_unfinished, unfinished_path


def test_samples_come_back_within_half_a_step(tmp_path):
    waveform = np.random.default_rng(0).uniform(-1, 1, 1001).astype(np.float32)
    write_wav(tmp_path / "a.wav", waveform, 24_000)
    back, rate = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert rate == 24_000
    assert np.abs(back / 32767 - waveform).max() <= 0.5 / 32767 + 1e-7
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.channels, info.subtype, info.format, info.frames) == (1, "PCM_16", "WAV", 1001)


def test_a_row_is_the_same_as_a_flat_waveform(tmp_path):
    waveform = np.linspace(-1, 1, 50)
    write_wav(tmp_path / "flat.wav", waveform, 24_000)
    write_wav(tmp_path / "row.wav", waveform[None], 24_000)
    assert (tmp_path / "flat.wav").read_bytes() == (tmp_path / "row.wav").read_bytes()


def test_what_is_too_loud_is_clipped_and_never_wraps(tmp_path):
    write_wav(tmp_path / "a.wav", np.array([2.0, -3.0, 1.0, -1.0]), 24_000)
    back, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert back.tolist() == [32767, -32767, 32767, -32767]


def test_no_samples_make_a_valid_file(tmp_path):
    write_wav(tmp_path / "a.wav", np.zeros(0), 24_000)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getnframes() == 0


def test_pieces_of_several_takes_make_the_files_of_the_whole(tmp_path):
    takes = np.random.default_rng(1).uniform(-1, 1, (2, 900))
    paths = [tmp_path / "take1.wav", tmp_path / "take2.wav"]
    with MusicFiles(paths, 24_000, replace=True) as files:
        for piece in np.split(takes, [1, 400], axis=1):
            files.write(piece)
    for path, take in zip(paths, takes, strict=True):
        write_wav(tmp_path / "whole.wav", take, 24_000)
        assert path.read_bytes() == (tmp_path / "whole.wav").read_bytes()


def test_flac_holds_the_samples_of_wav_and_has_no_other_size_for_pieces(tmp_path):
    takes = np.random.default_rng(1).uniform(-1, 1, (2, 9000))
    with MusicFiles([tmp_path / "a.flac", tmp_path / "b.wav"], 24_000, replace=True) as files:
        for piece in np.split(takes, [1, 4000], axis=1):
            files.write(piece)
    with MusicFiles([tmp_path / "c.wav", tmp_path / "d.flac"], 24_000, replace=True) as files:
        files.write(takes)
    for flac, wav in (("a.flac", "c.wav"), ("d.flac", "b.wav")):
        info = soundfile.info(tmp_path / flac)
        assert (info.channels, info.subtype, info.format, info.samplerate) == (1, "PCM_16", "FLAC", 24_000)
        first, second = (soundfile.read(tmp_path / name, dtype="int16")[0] for name in (flac, wav))
        assert np.array_equal(first, second)


def test_what_is_attached_gets_its_name_with_the_music(tmp_path):
    with MusicFiles([tmp_path / "a.flac"], 24_000, replace=True) as files:
        files.attach(tmp_path / "a.json", b"{}")
        files.write(np.zeros((1, 10)))
        assert not (tmp_path / "a.json").exists()
    assert (tmp_path / "a.json").read_bytes() == b"{}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.flac", "a.json"]


def test_what_is_attached_to_a_cancelled_job_leaves_no_trace(tmp_path):
    def cancelled_job():
        with MusicFiles([tmp_path / "a.flac", tmp_path / "b.wav"], 24_000, replace=True) as files:
            files.attach(tmp_path / "a.json", b"{}")
            raise Cancelled

    with pytest.raises(Cancelled):
        cancelled_job()
    assert list(tmp_path.iterdir()) == []


def test_nothing_has_a_name_before_all_is_written(tmp_path):
    with MusicFiles([tmp_path / "a.wav"], 24_000, replace=True) as files:
        files.write(np.zeros((1, 10)))
        assert not (tmp_path / "a.wav").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_cancelled_job_leaves_what_was_there(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"older music")

    def cancelled_job():
        with MusicFiles([tmp_path / "a.wav", tmp_path / "b.wav"], 24_000, replace=True) as files:
            files.write(np.zeros((2, 10)))
            raise Cancelled

    with pytest.raises(Cancelled):
        cancelled_job()
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    assert (tmp_path / "a.wav").read_bytes() == b"older music"


def test_what_a_killed_process_left_is_replaced(tmp_path):
    unfinished_path(tmp_path / "a.wav").write_bytes(b"x" * 10_000)
    write_wav(tmp_path / "a.wav", np.zeros(10), 24_000)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    assert (tmp_path / "a.wav").stat().st_size == 44 + 20


@pytest.mark.parametrize("name", ["no/such/folder/a.wav", "file/a.wav"])
def test_a_folder_that_is_none_is_reported(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(AudioError) as caught:
        write_wav(tmp_path / name, np.zeros(10), 24_000)
    assert caught.value.code == "audio.not_writable"
    assert caught.value.hint


def test_a_name_that_is_taken_by_a_folder_is_reported(tmp_path):
    (tmp_path / "a.wav").mkdir()
    with pytest.raises(AudioError) as caught:
        write_wav(tmp_path / "a.wav", np.zeros(10), 24_000)
    assert caught.value.code == "audio.not_writable"
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


LIMITED = """
    import resource, sys
    from pathlib import Path
    import numpy as np
    from kinetone.core.audio import write_wav
    from kinetone.core.errors import AudioError
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
    try:
        write_wav(Path(sys.argv[1]), np.random.default_rng(0).uniform(-1, 1, int(sys.argv[2])), 24_000)
    except AudioError as error:
        sys.exit(error.code)
"""


@pytest.mark.skipif(os.name != "posix", reason="resource limits")
@pytest.mark.parametrize(
    ("n_samples", "says"), [(20_000, ""), (26_000, "audio.disk_full"), (10**6, "audio.disk_full")]
)
@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_no_room_for_the_file_is_reported_and_nothing_left(tmp_path, name, n_samples, says):
    command = [sys.executable, "-c", textwrap.dedent(LIMITED), str(tmp_path / name), str(n_samples)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    assert done.stderr.strip() == says
    assert [path.name for path in tmp_path.iterdir()] == ([] if says else [name])


def test_what_another_is_writing_is_left_alone(tmp_path):
    with MusicFiles([tmp_path / "a.wav"], 24_000, replace=True) as first:
        with pytest.raises(AudioError) as caught:
            write_wav(tmp_path / "a.wav", np.zeros(5), 24_000)
        assert caught.value.code == "audio.busy"
        remove_unfinished(tmp_path / "a.wav")
        first.write(np.zeros((1, 10)))
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    assert (tmp_path / "a.wav").stat().st_size == 44 + 20


@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe", "folder"])
def test_whatever_else_has_the_name_of_the_unfinished_file_is_left_alone(tmp_path, kind):
    part, victim = unfinished_path(tmp_path / "a.wav"), tmp_path / "victim"
    if kind == "pipe":
        os.mkfifo(part)
    elif kind == "folder":
        part.mkdir()
    else:
        part.symlink_to(victim)
    if kind == "link":
        victim.write_text("unsaved hours")
    if kind == "pipe":  # nobody's file is lost with it
        write_wav(tmp_path / "a.wav", np.zeros(10), 24_000)
    else:
        with pytest.raises(AudioError) as caught:
            write_wav(tmp_path / "a.wav", np.zeros(10), 24_000)
        assert part.name in caught.value.hint
    assert victim.exists() == (kind == "link")
    if kind == "link":
        assert victim.read_text() == "unsaved hours"


@pytest.mark.parametrize("links", [True, False])
def test_a_name_taken_at_the_last_moment_takes_all_back(tmp_path, monkeypatch, links):
    if not links:  # as on FAT
        monkeypatch.setattr(os, "link", Mock(side_effect=OSError(errno.EOPNOTSUPP, "no links")))

    def late():
        with MusicFiles([tmp_path / "a.wav", tmp_path / "b.flac"], 24_000, replace=False) as files:
            files.write(np.zeros((2, 10)))
            (tmp_path / "b.flac").write_text("my own")

    with pytest.raises(AudioError) as caught:
        late()
    assert caught.value.code == "audio.exists"
    assert [path.name for path in tmp_path.iterdir()] == ["b.flac"]
    assert (tmp_path / "b.flac").read_text() == "my own"
    (tmp_path / "b.flac").unlink()
    with MusicFiles([tmp_path / "a.wav"], 24_000, replace=False) as files:
        files.write(np.zeros((1, 10)))
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
