"""What the engine keeps of its music, and what it makes of that: the same again, or a part of it anew."""

import base64
import json
import shutil
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from engines import samples, until_end, until_progress
from kinetone.core.engine.protocol import Stopped
from kinetone.core.errors import CheckpointError, FileFormatError, KinetoneError
from kinetone.core.sidecar import read_sidecar
from safetensors.torch import load_file, save_file

REACH_SAMPLES = 18 * 400


@pytest.fixture
def dance(sample_dance):
    """Ten seconds."""
    return np.concatenate([sample_dance] * 4)[:600]


def sidecar_of(file):
    return read_sidecar(Path(file["sidecar"]))


def codes_of(file):
    return sidecar_of(file).codes


def test_each_take_has_a_sidecar_that_says_how_it_was_made(engine, job, dance):
    about = {"armature": "Tänzerin", "mapping": {"pelvis": "Hüfte"}}
    params = job(dance, takes=2, seed=5, genre="salsa", energy=1.5, sidecar=about)
    result = engine.call("generate", params)
    for take, file in enumerate(result["files"]):
        sidecar = sidecar_of(file)
        assert sidecar.n_frames == 600
        assert sidecar.codes.shape == (2, 600)
        assert sidecar.about == about
        assert sidecar.alignment == file["alignment"]
        assert sidecar.musical_beats_s == file["musical_beats_s"]
        assert len(sidecar.kinematic_beats_s) == len(result["kinematic_beats_s"])
        assert (sidecar.parameters["seed"], sidecar.parameters["take"]) == (5, take)
        assert (sidecar.parameters["genre"], sidecar.parameters["energy"]) == ("salsa", 1.5)
        assert sidecar.parameters["temperature"] == 0.5, "defaults are kept, too"
        assert sidecar.model.name == "tiny"
        assert len(sidecar.model.sha256) == 64
    first, second = (codes_of(file) for file in result["files"])
    assert not np.array_equal(first, second)


def test_flac_has_the_samples_of_wav(engine, job, dance, tmp_path):
    wav = engine.call("generate", job(dance, seed=2))["files"][0]
    flac = engine.call("generate", job(dance, seed=2) | {"output": [str(tmp_path / "other.flac")]})["files"][
        0
    ]
    assert soundfile.info(flac["path"]).format == "FLAC"
    assert np.array_equal(soundfile.read(flac["path"], dtype="int16")[0], samples(wav["path"]))
    assert flac["sidecar"] == str(tmp_path / "other.json")
    assert flac["alignment"] == wav["alignment"]


def test_a_take_is_made_again_bit_for_bit(engine, job, dance, tmp_path, tiny_checkpoint):
    for file in engine.call("generate", job(dance, takes=3, seed=7))["files"]:
        params = {"music": file["sidecar"], "output": str(tmp_path / "again.wav"), "replace": True}
        again = engine.call("decode", params | {"checkpoint": str(tiny_checkpoint)})["files"][0]
        assert np.array_equal(samples(again["path"]), samples(file["path"]))
        assert {**again, "path": "", "sidecar": ""} == {**file, "path": "", "sidecar": ""}
        assert np.array_equal(codes_of(again), codes_of(file))


def test_music_follows_several_dancers(engine, job, dance, tmp_path):
    still = np.repeat(dance[:1], len(dance), 0)
    np.save(tmp_path / "still.npy", still)
    params = job(dance)
    alone = engine.call("generate", params)
    paths = [str(tmp_path / "still.npy"), params["joints"]]
    together = engine.call("generate", params | {"joints": paths})
    assert together["kinematic_beats_s"] == alone["kinematic_beats_s"]
    other = np.save(tmp_path / "other.npy", np.roll(dance, 11, axis=0)) or str(tmp_path / "other.npy")
    both = engine.call("generate", params | {"joints": [params["joints"], other]})
    assert set(alone["kinematic_beats_s"]) < set(both["kinematic_beats_s"])
    assert sidecar_of(both["files"][0]).parameters["dancers"] == 2


def test_dancers_of_different_length_are_refused(engine, job, dance, tmp_path):
    params = job(dance)
    np.save(tmp_path / "short.npy", dance[:-1])
    with pytest.raises(KinetoneError, match="600, 599") as caught:
        engine.call("generate", params | {"joints": [params["joints"], str(tmp_path / "short.npy")]})
    assert caught.value.code == "motion.different_lengths"


def test_a_bad_dancer_among_several_is_named(engine, job, dance, tmp_path):
    params = job(dance)
    np.save(tmp_path / "bad.npy", np.full_like(dance, np.nan))
    with pytest.raises(KinetoneError, match="Dancer 2 of 2") as caught:
        engine.call("generate", params | {"joints": [params["joints"], str(tmp_path / "bad.npy")]})
    assert caught.value.code == "motion.not_finite"


@pytest.mark.parametrize(
    "options", [{"energy": 0.5}, {"tempo_bpm": 97}, {"genre": "house", "genre_strength": 2.5}]
)
def test_every_option_changes_the_music(engine, job, dance, options):
    plain = {name: value for name, value in options.items() if name == "genre"}
    usual = codes_of(engine.call("generate", job(dance, **plain))["files"][0])
    changed = codes_of(engine.call("generate", job(dance, **options))["files"][0])
    assert not np.array_equal(usual, changed)


@pytest.fixture
def music(engine, job, dance):
    """Music that is there."""
    return engine.call("generate", job(dance, seed=1))["files"][0]


def changed_part(engine, job, joints, music, start_s, end_s, takes=1, **others):
    params = job(joints, takes=takes, **others)
    params |= {"music": music["sidecar"], "start_s": start_s, "end_s": end_s}
    params["output"] = [path.replace("take", "new") for path in params["output"]]
    return engine.call("regenerate", params)


def test_only_the_part_is_made_anew(engine, job, dance, music):
    before = samples(music["path"])
    result = changed_part(engine, job, dance, music, 3.0, 5.5, takes=2, seed=8)
    assert result["renewed_s"] == [3.0, 5.5]
    first, end = result["renewed_samples"]
    assert (first, end) == (72_000, 132_000 + REACH_SAMPLES)
    for file in result["files"]:
        after = samples(file["path"])
        assert len(after) == len(before)
        assert np.array_equal(after[:first], before[:first])
        assert np.array_equal(after[end:], before[end:])
        assert not np.array_equal(after[first:end], before[first:end])
        kept, new = codes_of(music), codes_of(file)
        assert np.array_equal(kept[:, :180], new[:, :180])
        assert np.array_equal(kept[:, 330:], new[:, 330:])
        assert 0 <= file["alignment"]["renewed_hit"] <= 1
    assert not np.array_equal(*(codes_of(file) for file in result["files"]))


def test_a_part_begins_and_ends_with_whole_frames(engine, job, dance, music):
    result = changed_part(engine, job, dance, music, 3.001, 3.999)
    assert result["renewed_s"] == [3.0, 4.0]


def test_a_dance_that_became_longer_gets_the_rest(engine, job, dance, music):
    longer = np.concatenate([dance, dance[:100]])
    result = changed_part(engine, job, longer, music, 9.0, 3600.0)
    file = result["files"][0]
    after, before = samples(file["path"]), samples(music["path"])
    assert len(after) == 700 * 400
    assert np.array_equal(after[: 540 * 400], before[: 540 * 400])
    assert result["renewed_samples"] == [540 * 400, 700 * 400]


def test_a_dance_that_became_shorter_too(engine, job, dance, music):
    file = changed_part(engine, job, dance[:400], music, 5.0, 400 / 60)["files"][0]
    after, before = samples(file["path"]), samples(music["path"])
    assert len(after) == 400 * 400
    assert np.array_equal(after[: 300 * 400], before[: 300 * 400])


def test_what_was_renewed_can_be_renewed_and_made_again(engine, job, dance, music, tmp_path, tiny_checkpoint):
    once = changed_part(engine, job, dance, music, 1.0, 2.0, seed=11)["files"][0]
    shutil.copy(once["sidecar"], tmp_path / "once.json")
    twice = changed_part(engine, job, dance, {"sidecar": str(tmp_path / "once.json")}, 6.0, 7.0, seed=12)
    file = twice["files"][0]
    parts = sidecar_of(file).renewed
    assert [(part["start_s"], part["end_s"], part["parameters"]["seed"]) for part in parts] == [
        (0.0, 10.0, 1),
        (1.0, 2.0, 11),
        (6.0, 7.0, 12),
    ]
    params = {"music": file["sidecar"], "output": str(tmp_path / "again.wav"), "replace": True}
    again = engine.call("decode", params | {"checkpoint": str(tiny_checkpoint)})["files"][0]
    assert np.array_equal(samples(again["path"]), samples(file["path"]))


@pytest.mark.parametrize(
    ("frames", "start_s", "end_s"),
    [(600, 5, 5), (600, 5, 4), (600, 10, 12), (700, 2, 5), (500, 2, 5), (800, 11, 14)],
)
def test_a_part_that_cannot_be_renewed_is_refused(engine, job, dance, music, frames, start_s, end_s):
    joints = np.concatenate([dance, dance])[:frames]
    with pytest.raises(KinetoneError) as caught:
        changed_part(engine, job, joints, music, start_s, end_s)
    assert caught.value.code == "generate.part"
    assert caught.value.hint


def test_music_of_another_model_is_refused(engine, job, dance, music, tiny_checkpoint, tmp_path):
    other = shutil.copytree(tiny_checkpoint, tmp_path / "other_checkpoint")
    weights = load_file(other / "model.safetensors")
    weights["predictor.decoder.heads.bias"] += 1
    save_file(weights, other / "model.safetensors")
    for call in (
        lambda: changed_part(engine, job, dance, music, 1, 2, checkpoint=str(other)),
        lambda: engine.call(
            "decode",
            {"music": music["sidecar"], "output": str(tmp_path / "x.wav"), "checkpoint": str(other)},
        ),
    ):
        with pytest.raises(CheckpointError) as caught:
            call()
        assert caught.value.code == "checkpoint.other"
    assert not (tmp_path / "x.wav").exists()


def test_codes_that_the_model_does_not_have_are_refused(engine, job, dance, music, tmp_path):

    values = json.loads(Path(music["sidecar"]).read_text())
    values["codes"]["data"] = base64.b64encode(zlib.compress(np.full(1200, 16, "<i2").tobytes())).decode()
    (tmp_path / "bad.json").write_text(json.dumps(values))
    with pytest.raises(FileFormatError) as caught:
        changed_part(engine, job, dance, {"sidecar": str(tmp_path / "bad.json")}, 1, 2)
    assert caught.value.code == "file.sidecar"


def test_missing_parameters_of_a_change_are_named(engine):
    with pytest.raises(KinetoneError, match="music is missing; start_s is missing; end_s is missing"):
        engine.call("regenerate", {"joints": "/a.npy", "output": ["/a.wav"]})
    with pytest.raises(KinetoneError, match="music is missing; output is missing"):
        engine.call("decode", {})


@pytest.mark.parametrize("stage", ["Composing", "Rendering the music"])
def test_a_change_is_cancelled_within_a_second_and_leaves_nothing(engine, job, long_dance, tmp_path, stage):
    dance = long_dance[:36_000]
    music = engine.call("generate", job(dance[:60], temperature=0))["files"][0]
    sidecar = json.loads((tmp_path / "take0.json").read_text())
    codes = np.random.default_rng(0).integers(0, 16, (2, 36_000)).astype("<i2")

    sidecar["n_frames"] = 36_000
    sidecar["codes"]["data"] = base64.b64encode(zlib.compress(codes.tobytes())).decode()
    (tmp_path / "long.json").write_text(json.dumps(sidecar))
    start_s = 300.0 if stage == "Composing" else 599.0
    params = job(dance) | {"music": str(tmp_path / "long.json"), "start_s": start_s, "end_s": 600.0}
    params["output"] = [str(tmp_path / "new.wav")]
    there = sorted(path.name for path in tmp_path.iterdir())
    id = engine.submit("regenerate", params)
    until_progress(engine, id, stage)
    began_s = time.monotonic()
    engine.cancel(id)
    assert until_end(engine, id) == Stopped(id)
    assert time.monotonic() - began_s < 1
    assert sorted(path.name for path in tmp_path.iterdir()) == there
    assert music["samples"] == 24_000
