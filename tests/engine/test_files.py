"""Things that happen to the place where the real engine's music goes: it is whole or absent there."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from engines import samples, until_end, until_progress
from kinetone.core.engine.protocol import Failure, Progress, Result, Stopped


@pytest.fixture
def half_minute(dance_of):
    """A job that takes a moment."""
    return dance_of(1800)


@pytest.fixture
def folder(tmp_path):
    """Where the music goes, apart from the motion."""
    (tmp_path / "music").mkdir()
    return tmp_path / "music"


def into(folder, params, takes=1):
    return params | {"output": [str(folder / f"take{take}.wav") for take in range(takes)]}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def error_after(engine, params, deed):
    """How a job fails to which something is done while it composes."""
    id = engine.submit("generate", params)
    until_progress(engine, id, "Composing")
    deed()
    end = until_end(engine, id)
    assert isinstance(end, Failure), "the job was too short for that"
    assert end.error.hint
    assert engine.call("info", {"checkpoint": params["checkpoint"]})
    return end.error


@pytest.mark.parametrize("takes", [1, 2])
def test_a_folder_deleted_midway(engine, job, half_minute, folder, takes):
    error = error_after(engine, into(folder, job(half_minute), takes), lambda: shutil.rmtree(folder))
    assert error.code == "audio.not_writable"
    assert "take0" in error.message
    assert not folder.exists()


@pytest.mark.parametrize("name", ["take0.wav", "take1.json"])
@pytest.mark.parametrize("replace", [True, False])
def test_a_folder_in_the_place_of_the_file_midway(engine, job, half_minute, folder, name, replace):
    params = into(folder, job(half_minute, replace=replace), takes=2)
    error = error_after(engine, params, lambda: (folder / name).mkdir())
    assert error.code in ("audio.not_writable", "audio.exists")
    assert name in error.message
    if not replace:
        assert names(folder) == [name]


def test_a_file_that_appears_midway_is_not_replaced(engine, job, half_minute, folder):
    params = into(folder, job(half_minute, replace=False), takes=2)
    error = error_after(engine, params, lambda: (folder / "take1.wav").write_text("my own"))
    assert error.code == "audio.exists"
    assert "take1.wav" in error.message
    assert names(folder) == ["take1.wav"]
    assert (folder / "take1.wav").read_text() == "my own"


def test_a_file_that_is_there_is_replaced_only_if_asked_for(engine, job, sample_dance, folder):
    (folder / "take0.json").write_text("my own")
    params = into(folder, job(sample_dance, replace=False))
    end = until_end(engine, engine.submit("generate", params))
    assert end.error.code == "audio.exists"
    assert (folder / "take0.json").read_text() == "my own"
    assert names(folder) == ["take0.json"]
    assert engine.call("generate", params | {"replace": True})["notes"] == []
    assert len(samples(folder / "take0.wav")) == 72_000


def test_another_drive(engine, job, sample_dance, tmp_path):
    drive = Path("/dev/shm")
    if not drive.is_dir() or drive.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other drive")
    folder = drive / f"kinetone-{os.getpid()}"
    folder.mkdir()
    try:
        engine.call("generate", into(folder, job(sample_dance)))
        assert names(folder) == ["take0.json", "take0.wav"]
        assert len(samples(folder / "take0.wav")) == 72_000
    finally:
        shutil.rmtree(folder)


def test_a_disk_that_is_full_when_the_sidecar_is_written(engine, job, sample_dance, folder):
    mount = ["mount", "-t", "tmpfs", "-o", "size=144k", "tmpfs", str(folder)]  # the music takes 36 pages
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("only root may mount a small disk")
    try:
        end = until_end(engine, engine.submit("generate", into(folder, job(sample_dance))))
        assert isinstance(end, Failure)
        assert end.error.code == "audio.disk_full"
        assert "take0.json" in end.error.message
        assert names(folder) == []
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_two_engines_do_not_write_the_same_music(engine, vandalised, job, half_minute, folder):
    params = into(folder, job(half_minute, replace=False))
    vandalised.call("info", {})
    first = engine.submit("generate", params)
    until_progress(engine, first, "Composing")
    end = until_end(vandalised, vandalised.submit("generate", params))
    assert isinstance(end, Failure)
    assert end.error.code == "audio.busy"
    assert end.error.hint
    assert isinstance(until_end(engine, first), Result), "the other has not touched it"
    assert len(samples(folder / "take0.wav")) == 1800 * 400
    assert names(folder) == ["take0.json", "take0.wav"]


def test_two_engines_write_into_the_same_folder(engine, vandalised, job, sample_dance, folder):
    params = job(sample_dance)
    clients = {"a": engine, "b": vandalised}
    output = {name: {"output": [str(folder / f"{name}.wav")]} for name in clients}
    ids = {name: client.submit("generate", params | output[name]) for name, client in clients.items()}
    for name, client in clients.items():
        assert isinstance(until_end(client, ids[name]), Result)
    assert names(folder) == ["a.json", "a.wav", "b.json", "b.wav"]
    assert np.array_equal(samples(folder / "a.wav"), samples(folder / "b.wav"))


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_generations_in_one_engine_are_cancelled_in_any_order(engine, job, long_dance, folder, order):
    params = job(long_dance)
    jobs = [
        engine.submit("generate", params | {"output": [str(folder / name)]})
        for name in ("a.wav", "b.wav", "c.wav")
    ]
    until_progress(engine, jobs[0], "Composing")
    for place in order:
        engine.cancel(jobs[place])
        assert until_end(engine, jobs[place]) == Stopped(jobs[place])
    assert [reply for reply in engine.poll() if not isinstance(reply, Progress)] == []
    assert names(folder) == []
