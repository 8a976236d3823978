"""The real engine on real, if tiny, networks: what it makes, and what it refuses."""

import json
import os
import shutil
import signal
import subprocess
import time

import numpy as np
import pytest
from engines import CHECKOUT, PYTHON, samples, until_end, until_progress
from gpus import needs_no_gpu
from kinetone.core.engine.client import EngineClient
from kinetone.core.engine.protocol import Request, Stopped, encode
from kinetone.core.errors import AudioError, CheckpointError, EngineError, KinetoneError, MotionError


def only_joints_in(folder):
    return [path.name for path in folder.iterdir()] == ["joints.npy"]


def test_info_tells_the_card_and_the_device(engine, tiny_checkpoint):
    result = engine.call("info", {"checkpoint": str(tiny_checkpoint)})
    assert result["card"]["name"] == "tiny"
    assert result["card"]["genres"] == ["salsa", "house"]
    assert (result["device"], result["torch"][:2]) == ("cpu", "2.")


def test_a_dance_becomes_as_many_samples_as_it_lasts(engine, job, sample_dance, tmp_path):
    seen = []
    result = engine.call("generate", job(sample_dance, seed=5), lambda *step: seen.append(step))
    (file,) = result["files"]
    n_samples = len(sample_dance) * 400
    assert (file["path"], file["sidecar"]) == (str(tmp_path / "take0.wav"), str(tmp_path / "take0.json"))
    assert (file["seed"], file["take"], file["samples"], file["duration_s"]) == (5, 0, n_samples, 3.0)
    assert set(file["alignment"]) == {"hit", "shifted", "beats"}
    assert file["alignment"]["beats"] == len(result["kinematic_beats_s"])
    music = samples(file["path"])
    assert len(music) == n_samples
    assert len(np.unique(music)) > 100, "something sounds"
    beats_s = result["kinematic_beats_s"]
    assert 4 <= len(beats_s) <= 14
    assert beats_s == sorted(beats_s)
    stages = list(dict.fromkeys(stage for stage, _ in seen))
    assert stages[-4:] == ["Reading the motion", "Loading the model", "Composing", "Writing the music"]
    assert set(result["timings"]) == set(stages[-4:])


def test_the_seed_decides(engine, job, sample_dance):
    def music(seed):
        return samples(engine.call("generate", job(sample_dance, seed=seed))["files"][0]["path"])

    assert np.array_equal(music(1), music(1))
    assert not np.array_equal(music(1), music(2))


def test_takes_differ_and_the_first_is_that_of_a_single_take(engine, job, sample_dance):
    single = samples(engine.call("generate", job(sample_dance, seed=3))["files"][0]["path"])
    files = engine.call("generate", job(sample_dance, takes=3, seed=3))["files"]
    first, second, third = (samples(file["path"]) for file in files)
    assert np.abs(first.astype(int) - single).max() <= 1  # a batch rounds differently
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)


@needs_no_gpu
def test_a_gpu_that_is_not_there_is_no_failure(engine, job, sample_dance):
    expected = samples(engine.call("generate", job(sample_dance, seed=3))["files"][0]["path"])
    answer = engine.call("generate", job(sample_dance, seed=3, device="gpu"))
    assert np.array_equal(samples(answer["files"][0]["path"]), expected)
    assert "The music was made on the processor, as " in answer["notes"][0]


def test_one_frame_is_a_dance(engine, job, sample_dance):
    result = engine.call("generate", job(sample_dance[:1]))
    assert len(samples(result["files"][0]["path"])) == 400
    assert result["kinematic_beats_s"] == []


def test_cancel_is_answered_within_a_second_and_leaves_no_file(engine, job, long_dance, tmp_path):
    id = engine.submit("generate", job(long_dance))
    until_progress(engine, id, "Composing")
    pid = engine.hello.pid
    start_s = time.monotonic()
    engine.cancel(id)
    assert until_end(engine, id) == Stopped(id)
    assert time.monotonic() - start_s < 1
    assert only_joints_in(tmp_path)
    assert engine.call("generate", job(long_dance[:60]))["files"]
    assert engine.hello.pid == pid


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_a_kill_mid_job_is_reported_and_the_next_call_replaces_what_it_left(
    engine, job, long_dance, tmp_path
):
    id = engine.submit("generate", job(long_dance))
    until_progress(engine, id, "Composing")
    os.kill(engine.hello.pid, signal.SIGKILL)
    assert until_end(engine, id).exception().code == "engine.died"
    assert not (tmp_path / "take0.wav").exists()
    assert engine.call("generate", job(long_dance[:60]))["files"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["joints.npy", "take0.json", "take0.wav"]


def test_a_cancel_while_torch_is_loading_is_answered_at_once(job, sample_dance):
    with EngineClient(PYTHON, CHECKOUT) as client:
        id = client.submit("generate", job(sample_dance))
        while client.hello is None:
            client.wait(0.01)
            assert client.poll() == []
        start_s = time.monotonic()
        client.cancel(id)
        assert until_end(client, id) == Stopped(id)
        assert time.monotonic() - start_s < 1


@pytest.mark.parametrize("moment", ["loading", "Composing"])
def test_the_end_of_stdin_ends_the_engine_and_leaves_no_file(job, long_dance, tmp_path, moment):
    command = [str(PYTHON), "-m", "core.engine"]
    request = encode(Request(1, "generate", job(long_dance)))
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert b"hello" in process.stdout.readline()
        process.stdin.write(request)
        process.stdin.flush()
        while moment != "loading" and moment.encode() not in process.stdout.readline():
            pass
        start_s = time.monotonic()
        process.stdin.close()
        assert process.wait(5) == 0
        assert time.monotonic() - start_s < 1.5
    assert only_joints_in(tmp_path)


def refused(engine, params, method="generate"):
    """The error with which a request ends; the engine serves the next one all the same."""
    with pytest.raises(KinetoneError) as caught:
        engine.call(method, params)
    assert caught.value.hint
    with pytest.raises(EngineError, match="sing"):
        engine.call("sing", {})
    return caught.value


def test_nan_is_refused_with_frame_and_joint(engine, job, sample_dance, tmp_path):
    joints = sample_dance.copy()
    joints[17, 20] = np.nan
    error = refused(engine, job(joints))
    assert isinstance(error, MotionError)
    assert error.code == "motion.not_finite"
    assert "left_wrist" in error.message
    assert "17" in error.message
    assert only_joints_in(tmp_path)


@pytest.mark.parametrize(
    ("joints", "code"),
    [
        (np.zeros((0, 24, 3)), "motion.too_short"),
        (np.zeros((5, 23, 3)), "motion.shape"),
        (np.zeros((5, 24, 3)), "motion.no_body"),
        (np.full((5, 24, 3), 1e300), "motion.not_finite"),
        (np.zeros((5, 24, 3), dtype="U3"), "file.joints"),
    ],
)
def test_motion_that_is_none_is_refused(engine, job, joints, code, tmp_path):
    assert refused(engine, job(joints)).code == code
    assert only_joints_in(tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"garbage", b"\x93NUMPY\x01\x00"])
def test_a_joints_file_that_is_none_is_refused(engine, job, sample_dance, tmp_path, content):
    params = job(sample_dance)
    (tmp_path / "joints.npy").unlink()
    if content is not None:
        (tmp_path / "joints.npy").write_bytes(content)
    assert refused(engine, params).code == "file.joints"


def test_pickled_joints_are_never_loaded(engine, job, tmp_path):
    np.save(tmp_path / "evil.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert (
        refused(engine, job(np.zeros((1, 24, 3))) | {"joints": str(tmp_path / "evil.npy")}).code
        == "file.joints"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": "1"}, "seed"),
        ({"seed": True}, "seed"),
        ({"seed": 2**31}, "seed"),
        ({"output": []}, "output"),
        ({"output": ["relative.wav"]}, "output"),
        ({"output": ["/a.wav", "/a.wav"]}, "output"),
        ({"output": ["/a.wav", "/a.flac"]}, "output"),
        ({"output": ["/a.mp3"]}, "output"),
        ({"output": [f"/{take}.wav" for take in range(9)]}, "output"),
        ({"joints": []}, "joints"),
        ({"joints": ["/a.npy"] * 9}, "joints"),
        ({"joints": ["a.npy"]}, "joints"),
        ({"energy": "much"}, "energy"),
        ({"tempo_bpm": [120]}, "tempo_bpm"),
        ({"genre_strength": True}, "genre_strength"),
        ({"sidecar": "me"}, "sidecar"),
        ({"takes": 2}, "takes"),
        ({"genre": 3}, "genre"),
        ({"device": "tpu"}, "device must be cpu or gpu"),
        ({"device": ["gpu"]}, "device"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_k": 1.5}, "top_k"),
        ({"joints": "/\ud800.npy"}, "joints"),
        ({"joints": "/a\0b.npy"}, "joints"),
        ({"checkpoint": ""}, "checkpoint"),
        ({"tempo": 120, "mood": "happy"}, "tempo is unknown; mood is unknown"),
        ({"mood": "happy", "seed": -1, "genre": 3}, "; genre must be a text"),
    ],
)
def test_bad_parameters_are_named(engine, job, sample_dance, change, words):
    error = refused(engine, job(sample_dance) | change)
    assert isinstance(error, EngineError)
    assert error.code == "engine.bad_params"
    assert words in error.message


def test_missing_parameters_are_named_all_at_once(engine):
    assert "joints is missing; output is missing" in refused(engine, {}).message


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"genre": "polka"}, "generate.unknown_genre"),
        ({"temperature": -1}, "generate.options"),
        ({"temperature": 1e9}, "generate.options"),
        ({"genre_strength": 1e300}, "generate.options"),
        ({"genre_strength": -0.1}, "generate.options"),
        ({"energy": 0.2}, "generate.options"),
        ({"energy": 2.1}, "generate.options"),
        ({"tempo_bpm": 29}, "generate.options"),
        ({"tempo_bpm": 301}, "generate.options"),
    ],
)
def test_a_choice_that_the_model_lacks_is_refused(engine, job, sample_dance, change, code, tmp_path):
    error = refused(engine, job(sample_dance, **change))
    assert error.code == code
    assert only_joints_in(tmp_path)


def test_every_genre_and_way_of_choosing_works(engine, job, sample_dance):
    for choice in ({"top_k": 2**62}, {"genre": "house", "genre_strength": 100, "temperature": 100}):
        assert engine.call("generate", job(sample_dance[:10], **choice))["files"]
    for choice in ({"genre": "house"}, {"temperature": 0}, {"temperature": 1.2, "top_k": 3}, {"top_k": 0}):
        assert engine.call("generate", job(sample_dance[:10], **choice))["files"]


def test_a_checkpoint_that_is_not_there_is_refused(engine, job, sample_dance, tmp_path):
    missing = tmp_path / "nothing"
    assert refused(engine, job(sample_dance, checkpoint=str(missing))).code == "checkpoint.missing"
    assert refused(engine, {"checkpoint": str(missing)}, "info").code == "checkpoint.missing"


@pytest.fixture
def own_checkpoint(tmp_path, tiny_checkpoint):
    """A copy to spoil."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "own_checkpoint")


def edit_card(folder, **changes):
    card = json.loads((folder / "card.json").read_text()) | changes
    (folder / "card.json").write_text(json.dumps(card))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda folder: (folder / "card.json").write_bytes(b"\xffgarbage"), "checkpoint.unreadable"),
        (lambda folder: edit_card(folder, format=99), "checkpoint.version"),
        (lambda folder: edit_card(folder, codec={"no": "such"}), "checkpoint.unreadable"),
        (lambda folder: edit_card(folder, codec=[]), "checkpoint.unreadable"),
        (lambda folder: edit_card(folder, predictor={"n_codebooks": 3}), "checkpoint.unreadable"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"garbage"), "checkpoint.unreadable"),
        (lambda folder: os.truncate(folder / "model.safetensors", 5000), "checkpoint.unreadable"),
        (lambda folder: (folder / "model.safetensors").unlink(), "checkpoint.missing"),
    ],
)
def test_a_spoilt_checkpoint_is_refused_even_if_it_was_loaded_before(
    engine, job, sample_dance, own_checkpoint, spoil, code
):
    params = job(sample_dance[:30], checkpoint=str(own_checkpoint))
    assert engine.call("generate", params)["files"]
    spoil(own_checkpoint)
    error = refused(engine, params)
    assert isinstance(error, CheckpointError)
    assert error.code == code


def test_a_folder_that_is_not_there_is_refused_before_the_model_is_loaded(
    engine, job, sample_dance, tmp_path
):
    params = job(sample_dance, checkpoint=str(tmp_path)) | {"output": [str(tmp_path / "no" / "take.wav")]}
    error = refused(engine, params)
    assert isinstance(error, AudioError)
    assert error.code == "audio.not_writable"


def mounted(folder, options):
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount")
    if done.returncode:
        pytest.skip("only root may mount a small disk")
    return folder


@pytest.fixture(params=["size=64k", "ro"])
def small_disk(request, tmp_path):
    """A disk of 64 kB, and one that is read-only for root, too; with the code of what must happen."""
    folder = mounted(tmp_path / "disk", request.param)
    yield folder, {"size=64k": "audio.disk_full", "ro": "audio.not_writable"}[request.param]
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_or_read_only_disk_is_reported_and_left_as_it_was(engine, job, sample_dance, small_disk):
    folder, code = small_disk
    outputs = [str(folder / name) for name in ("a.wav", "b.wav")]
    error = refused(engine, job(sample_dance, takes=2) | {"output": outputs})
    assert isinstance(error, AudioError)
    assert error.code == code
    assert list(folder.iterdir()) == []
