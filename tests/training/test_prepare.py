"""Preparing pairs: what is cached, what is left out, and what a killed run leaves behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch
from clicks import clicks
from kinetone.core.codec.model import Codec, CodecConfig
from kinetone.core.errors import KinetoneError
from kinetone.core.motion.features import motion_features
from kinetone.core.motion.pulse import pulse
from kinetone.core.predictor.model import PredictorConfig
from kinetone.core.threads import one_thread
from kinetone.training.audio import read_audio
from kinetone.training.cli import export_command, main
from kinetone.training.data import prepare as prepare_module
from kinetone.training.data import shards
from kinetone.training.data.augment import Augmentation, varied
from kinetone.training.data.crops import PairCrops
from kinetone.training.data.datasets import DatasetSettings, load_dataset
from kinetone.training.data.folder import read_beats, read_joints
from kinetone.training.data.prepare import Preparation, prepare
from kinetone.training.data.prepared import bind_run, check_codec, read_prepared, run_codec
from kinetone.training.data.source import Dataset, SourcePair
from kinetone.training.predictor import PredictorTraining
from kinetone.training.state import save_state
from mini_aistpp import sequence_name

CONFIG = CodecConfig(
    encoder_channels=(2, 2, 4, 4, 4),
    decoder_channels=(2, 2, 4, 4, 4),
    latent_dim=4,
    n_codebooks=2,
    codebook_size=16,
)


def tiny_codec(seed=0):
    torch.manual_seed(seed)
    codec = Codec(CONFIG).eval()
    with torch.no_grad():
        latents = codec.encoder(torch.rand(1, 1, 400 * 32) - 0.5)[0].T
        codec.quantizer.codebooks.copy_(latents.reshape(2, 16, 4))
        codec.quantizer.codebooks[1] -= latents.mean(0)
    return codec


@pytest.fixture(scope="module")
def codec():
    return tiny_codec()


@pytest.fixture(scope="module")
def dataset(mini_aistpp):
    return load_dataset(mini_aistpp, DatasetSettings())


@pytest.fixture(scope="module")
def prepared(dataset, codec, tmp_path_factory):
    """The miniature AIST++, prepared; tests must not change it."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(dataset, codec, folder, Preparation())
    return folder


def refused(code, function, *arguments, **settings):
    with pytest.raises(KinetoneError) as caught:
        function(*arguments, **settings)
    assert caught.value.code == code
    assert caught.value.hint
    return caught.value.message


def same(a, b):
    """Whether two prepared folders hold the same pairs."""
    ones, others = ({pair.name: pair for pair in read_prepared(folder).pairs} for folder in (a, b))
    return ones.keys() == others.keys() and all(
        np.array_equal(one.features, others[name].features) and np.array_equal(one.codes, others[name].codes)
        for name, one in ones.items()
    )


def test_prepared_pairs_are_what_core_makes_of_their_files(prepared, dataset, codec):
    pairs = {pair.name: pair for pair in read_prepared(prepared).pairs}
    assert list(pairs) == [pair.name for pair in dataset.pairs]
    source = dataset.pairs[3]
    pair = pairs[source.name]
    assert (pair.genre, pair.song, pair.split) == (source.genre, source.song, source.split)
    features = motion_features(source.joints())
    assert np.array_equal(pair.features[:, :72], features.displacements)
    assert np.array_equal(pair.features[:, 72:73], features.kinematic_beats)
    with torch.inference_mode(), one_thread():  # as preparing does
        codes = codec.encode(read_audio(pair.music, 0, 240 * 400)[None])[0]
    assert pair.codes.shape == (2, 240)
    assert np.array_equal(pair.codes, codes.numpy())
    assert len(np.unique(pair.codes[0])) > 4


def pulses(dances, codec, out, augmentation=None):
    """The pulse (N, 19) of each pair in a folder, by name."""
    source = load_dataset(dances, DatasetSettings(test_share=0.0))
    prepare(source, codec, out, Preparation(augmentation=augmentation or Augmentation()))
    return {pair.name: (pair.features[:, 73:], pair.speed) for pair in read_prepared(out).pairs}


def beats_of(hand):
    """Frames at which the hand of a pulse passes its beat."""
    turned = np.unwrap(np.arctan2(hand[:, 1], hand[:, 0])) / (2 * np.pi)
    return np.interp(np.arange(np.ceil(turned[0]), turned[-1]), turned, np.arange(len(turned)))


def test_pairs_have_the_pulse_of_their_music(codec, tmp_path, dance_of):
    np.savez(tmp_path / "a.npz", joints=dance_of(480), fps=60)
    sf.write(tmp_path / "a.wav", clicks(np.arange(0.2, 7.9, 0.6), 8.0), 24_000)
    found = pulses(tmp_path, codec, tmp_path / "out", Augmentation(variants=1, speed=0.2))
    for hand, speed in found.values():
        beats = np.arange(0.2, 7.8, 0.6) * 60 / speed
        near = np.abs(beats_of(hand)[:, None] - beats).min(1)
        assert np.median(near) < 3
        assert len(beats_of(hand)) == pytest.approx(len(beats), abs=1)
    assert found["a~1"][1] != 1


def test_pairs_whose_music_has_no_beats_keep_the_pulse_of_the_dance(codec, tmp_path, dance_of):
    np.savez(tmp_path / "a.npz", joints=dance_of(480), fps=60)
    sf.write(tmp_path / "a.wav", np.zeros(24_000 * 8), 24_000)
    hand, _ = pulses(tmp_path, codec, tmp_path / "out")["a"]
    assert np.array_equal(hand, motion_features(dance_of(480)).pulse)


def test_beats_that_a_corpus_states_are_not_listened_for(codec, tmp_path, dance_of):
    (tmp_path / "corpus").mkdir()
    path = tmp_path / "corpus" / "a.npz"
    beats_s = np.array([0.5, 1.1, 1.8, 2.6, 3.5])
    np.savez(path, joints=dance_of(300), fps=60, beat_times_s=beats_s, first_beat=6)
    sf.write(path.with_suffix(".flac"), clicks(np.arange(0.2, 4.9, 0.5), 5.0), 24_000)
    pair = SourcePair(
        "a",
        "a",
        "train",
        "",
        partial(read_joints, path),
        path.with_suffix(".flac"),
        None,
        partial(read_beats, path),
    )
    prepare(Dataset([pair]), codec, tmp_path / "out", Preparation())
    assert np.allclose(
        read_prepared(tmp_path / "out").pairs[0].features[:, 73:], pulse(beats_s * 60, 300, (6, 6))
    )


@pytest.mark.parametrize(
    "beats_s", [[], [1.0], [2.0, 1.0], [1.0, 1.0001], [1.0, np.nan, 2.0], [0.0, np.inf], [[1.0, 2.0]]]
)
def test_a_corpus_whose_beats_are_no_beats_is_refused(tmp_path, beats_s):
    np.savez(tmp_path / "a.npz", beat_times_s=np.array(beats_s), first_beat=0)
    refused("data.beats", read_beats, tmp_path / "a.npz")


def test_a_corpus_that_does_not_count_its_beats_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", beat_times_s=np.array([1.0, 2.0]))
    refused("data.beats", read_beats, tmp_path / "a.npz")


def test_prepared_pairs_are_mapped_not_read(prepared):
    pair = read_prepared(prepared).pairs[0]
    for array in (pair.features, pair.codes):
        assert isinstance(array, np.memmap)
        assert not array.flags.writeable


def test_the_report_counts_what_was_left_out(mini_aistpp, codec, tmp_path, caplog):
    folder = shutil.copytree(mini_aistpp, tmp_path / "aistpp")
    broken, empty = sequence_name("BR1", 1), sequence_name("PO0", 2)
    (folder / "motions" / f"{broken}.pkl").write_bytes(b"not a pickle")
    (folder / "music" / "mBR2.wav").write_bytes(b"no music")
    shutil.copy(folder / "motions" / f"{broken}.pkl", folder / "motions" / f"{empty}.pkl")
    report = prepare(load_dataset(folder, DatasetSettings()), codec, tmp_path / "out", Preparation())
    left_out = {skipped.name: skipped.code for skipped in report.skipped}
    assert left_out == {
        sequence_name("PO2", 2): "data.ignored",
        broken: "motion.file_format",
        empty: "motion.file_format",
        sequence_name("BR2", 1): "training.unreadable_audio",
        sequence_name("BR2", 2): "training.unreadable_audio",
    }
    assert report.pairs == {"train": 3, "val": 0, "test": 4}
    assert "5" in str(report)
    assert "2 motion.file_format" in str(report)
    assert broken in caplog.text
    written = json.loads((tmp_path / "out" / "report.json").read_text())
    assert {entry["name"] for entry in written["skipped"]} == set(left_out)
    assert len(read_prepared(tmp_path / "out").pairs) == 7


def test_a_file_that_was_mended_is_prepared_by_the_same_command(mini_aistpp, codec, tmp_path, prepared):
    folder = shutil.copytree(mini_aistpp, tmp_path / "aistpp")
    path = folder / "motions" / f"{sequence_name('BR1', 1)}.pkl"
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    dataset = load_dataset(folder, DatasetSettings())
    prepare(dataset, codec, tmp_path / "out", Preparation())
    path.write_bytes(whole)
    prepare(dataset, codec, tmp_path / "out", Preparation())
    assert same(tmp_path / "out", prepared)


def test_when_nothing_can_be_prepared_it_says_why(dataset, codec, tmp_path):
    pair = dataset.pairs[0]
    gone = replace(pair, music=tmp_path / "gone.wav")
    short = replace(pair, joints=lambda: pair.joints()[:59])
    for broken, why in ((gone, "gone.wav"), (short, "59 frames")):
        only = replace(dataset, pairs=[broken])
        message = refused("training.nothing_prepared", prepare, only, codec, tmp_path / why, Preparation())
        assert why in message


def test_a_run_that_ends_at_any_write_goes_on_to_the_same_result(
    dataset, codec, tmp_path, prepared, monkeypatch
):
    real = shards._write
    monkeypatch.setattr(prepare_module, "_SHARD_PAIRS", 3)
    for fatal in range(12):
        out, writes = tmp_path / str(fatal), []

        def killed(path, write, fatal=fatal, writes=writes):
            writes.append(path)
            if len(writes) == fatal + 1:
                path.with_name(path.name + ".part").write_bytes(b"half")
                raise KeyboardInterrupt
            real(path, write)

        monkeypatch.setattr(shards, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            prepare(dataset, codec, out, Preparation())
        refused("training.not_prepared", read_prepared, out)
        monkeypatch.setattr(shards, "_write", real)
        prepare(dataset, codec, out, Preparation())
        assert same(out, prepared)


def test_workers_and_devices_that_are_not_there_are_refused(dataset, codec, tmp_path):
    refused("training.workers", prepare, dataset, codec, tmp_path, Preparation(workers=0))
    refused("training.device", prepare, dataset, codec, tmp_path, Preparation(device="a violin"))
    assert not list(tmp_path.iterdir())


def test_what_is_prepared_is_not_prepared_again(dataset, codec, tmp_path, prepared):
    out = shutil.copytree(prepared, tmp_path / "out")
    gone = [replace(pair, joints=None, music=pair.music) for pair in dataset.pairs]
    report = prepare(replace(dataset, pairs=gone), codec, out, Preparation())
    assert len(report.skipped) == 1, "the ignored one alone"
    assert same(out, prepared)


def test_several_workers_prepare_the_same(dataset, codec, tmp_path, prepared):
    prepare(dataset, codec, tmp_path, Preparation(workers=2))
    assert same(tmp_path, prepared)
    assert len(list((tmp_path / "shards").glob("*.json"))) >= 2


COMMAND = "from kinetone.training.cli import main; main()"
needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")


def write_codec_run(folder, codec):
    folder.mkdir()
    save_state(folder / "codec.state", codec=codec.state_dict(), config={"model": vars(CONFIG)})


@needs_proc
def test_the_command_survives_a_kill_and_leaves_no_worker_behind(
    mini_aistpp, codec, tmp_path, prepared, monkeypatch, capsys
):
    write_codec_run(tmp_path / "run", codec)
    arguments = ["prepare", mini_aistpp, tmp_path / "run", tmp_path / "out", "--workers", "2"]
    command = [sys.executable, "-c", COMMAND, *map(str, arguments)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list((tmp_path / "out").glob("shards/*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    workers = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(workers) >= 2
    while any(is_running(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(is_running(pid) for pid in workers)
    monkeypatch.setattr(sys, "argv", ["kinetone-train", *map(str, arguments[:4])])
    main()
    output = capsys.readouterr().out
    assert "7 train" in output
    assert "1 data.ignored" in output
    assert same(tmp_path / "out", prepared)


def children(pid):
    listed = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for found in listed for child in found]


def is_running(pid):
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_another_codec_does_not_mix_its_codes_in(dataset, tmp_path, prepared):
    out = shutil.copytree(prepared, tmp_path / "out")
    other = tiny_codec(1)
    message = refused("training.other_preparation", prepare, dataset, other, out, Preparation())
    assert "codec" in message
    elsewhere = Preparation({"folder": "another"})
    refused("training.other_preparation", prepare, dataset, tiny_codec(), out, elsewhere)
    refused("training.other_codec", check_codec, read_prepared(out).codec, other)
    decoder_goes_on = tiny_codec()
    with torch.no_grad():
        next(decoder_goes_on.decoder.parameters()).add_(1)
    check_codec(read_prepared(out).codec, decoder_goes_on)
    prepare(dataset, decoder_goes_on, out, Preparation())


def test_a_predictor_run_keeps_to_the_codec_that_it_was_begun_with(tmp_path, codec, prepared):
    assert run_codec(tmp_path / "run") is None
    fingerprint = read_prepared(prepared).codec
    bind_run(tmp_path / "run", fingerprint)
    bind_run(tmp_path / "run", fingerprint)
    assert run_codec(tmp_path / "run") == fingerprint
    refused("training.other_codec", bind_run, tmp_path / "run", "0123456789abcdef")
    write_codec_run(tmp_path / "codec", tiny_codec(1))
    (tmp_path / "about.json").write_text("{}")
    arguments = (tmp_path / "codec", tmp_path / "run", tmp_path / "out", tmp_path / "about.json")
    refused("training.other_codec", export_command, *arguments)


def test_a_folder_with_nothing_in_it_yet_takes_other_settings(dataset, codec, tmp_path, prepared):
    pair = dataset.pairs[0]
    broken = replace(dataset, pairs=[replace(pair, music=tmp_path / "gone.wav")])
    other = Preparation({"folder": "another"})
    refused("training.nothing_prepared", prepare, broken, codec, tmp_path / "out", other)
    prepare(dataset, codec, tmp_path / "out", Preparation())
    assert same(tmp_path / "out", prepared)


def test_another_split_takes_the_codes_that_are_there(mini_aistpp, codec, tmp_path, prepared):
    out = shutil.copytree(prepared, tmp_path / "out")
    before = sorted(path.name for path in (out / "shards").iterdir())
    settings = DatasetSettings()
    official = load_dataset(mini_aistpp, replace(settings, aist=replace(settings.aist, split="crossmodal")))
    prepare(official, codec, out, Preparation())
    assert [pair.name for pair in read_prepared(out).split("val")] == [sequence_name("PO1", 2)]
    assert len(read_prepared(out).pairs) == 6
    assert sorted(path.name for path in (out / "shards").iterdir()) == before


def test_a_damaged_prepared_folder_is_refused_and_mended(dataset, codec, tmp_path, prepared):
    out = shutil.copytree(prepared, tmp_path / "out")
    shard = next((out / "shards").glob("*.features.npy"))
    shard.write_bytes(shard.read_bytes()[:-100])
    refused("training.prepared_format", read_prepared, out)
    prepare(dataset, codec, out, Preparation())
    assert same(out, prepared)


def test_a_predictor_must_fit_the_prepared_pairs(prepared):
    data = read_prepared(prepared)
    assert data.genres == ("break", "pop")
    fitting = PredictorConfig(n_codebooks=2, codebook_size=16, genres=("break", "lock", "pop"))
    data.check_predictor(fitting)
    refused("training.other_codes", data.check_predictor, replace(fitting, n_codebooks=4))
    assert "pop" in refused(
        "training.other_genres", data.check_predictor, replace(fitting, genres=("break",))
    )


def test_a_batch_depends_on_the_seed_and_the_step_alone(prepared):
    model = PredictorConfig(n_codebooks=2, codebook_size=16, genres=("break", "pop"))
    config = PredictorTraining(model=model, batch_size=6, crop_frames=50, seed=3)
    batches = [PairCrops(read_prepared(prepared).split("train"), config).batch(7) for _ in range(2)]
    for name in ("features", "genre", "codes"):
        assert torch.equal(getattr(batches[0], name), getattr(batches[1], name))
    crops = PairCrops(read_prepared(prepared).split("train"), config)
    assert not torch.equal(crops.batch(8).codes, batches[0].codes)
    other = PairCrops(crops.pairs, replace(config, seed=4))
    assert not torch.equal(other.batch(7).codes, batches[0].codes)
    assert set(batches[0].genre.tolist()) <= {0, 1, 2}


def dance(dataset):
    return dataset.pairs[2].joints()


EACH = {
    "mirror": Augmentation(1, mirror=True),
    "speed": Augmentation(1, speed=0.2),
    "body": Augmentation(1, body=0.1),
    "noise": Augmentation(1, noise_m=0.01),
}


@pytest.mark.parametrize("change", EACH)
def test_variants_differ_and_are_repeatable(dataset, change):
    joints = dance(dataset)
    first, speed = varied(joints, "a", 1, EACH[change])
    again, _ = varied(joints, "a", 1, EACH[change])
    assert np.array_equal(first, again)
    assert (speed != 1) == (change == "speed")
    assert first.shape != joints.shape or np.abs(first - joints).max() > 1e-3
    if change != "mirror":
        other = varied(joints, "b", 1, EACH[change])[0]
        assert other.shape != first.shape or not np.array_equal(other, first)
    untouched, _ = varied(joints, "a", 0, EACH[change])
    assert np.array_equal(untouched, joints)


def test_two_mirrors_give_the_dance_itself(dataset):
    joints = dance(dataset)
    mirrored, _ = varied(joints, "a", 1, EACH["mirror"])
    assert np.array_equal(varied(mirrored, "a", 1, EACH["mirror"])[0], joints)
    beats = [motion_features(each).kinematic_beats for each in (joints, mirrored)]
    assert np.array_equal(*beats)


def test_other_bodies_keep_the_directions_of_the_bones(dataset):
    joints = dance(dataset)
    other, _ = varied(joints, "a", 1, EACH["body"])
    arm, other_arm = joints[:, 18] - joints[:, 16], other[:, 18] - other[:, 16]
    right, other_right = joints[0, 19] - joints[0, 17], other[0, 19] - other[0, 17]
    factor = np.linalg.norm(other_right) / np.linalg.norm(right)
    assert abs(factor - 1) > 1e-3
    assert np.allclose(other_arm, arm * factor), "both arms alike"


def test_a_dance_without_depth_keeps_none(mini_aistpp):
    settings = DatasetSettings()
    flat = load_dataset(mini_aistpp, replace(settings, aist=replace(settings.aist, motion="keypoints2d")))
    everything = Augmentation(1, True, 0.2, 0.1, 0.01)
    assert not varied(flat.pairs[0].joints(), "a", 1, everything)[0][..., 1].any()


def test_music_and_dance_change_their_speed_together(dataset, codec, tmp_path):
    augmentation = Augmentation(variants=2, speed=0.2)
    prepare(dataset, codec, tmp_path, Preparation(augmentation=augmentation))
    pairs = {pair.name: pair for pair in read_prepared(tmp_path).pairs}
    assert len(pairs) == 4 + 3 * 7, "test pairs have no variants"
    name = sequence_name("BR1", 1)
    assert pairs[name].speed == 1
    for variant in (1, 2):
        pair = pairs[f"{name}~{variant}"]
        assert (pair.song, pair.split) == ("BR1", "train")
        assert abs(len(pair.features) - 239 / pair.speed) < 2
        import soxr

        music = read_audio(pair.music)[0].numpy()
        faster = torch.from_numpy(soxr.resample(music, 24_000 * pair.speed, 24_000))
        with torch.inference_mode(), one_thread():
            codes = codec.encode(faster[None, None, : pair.codes.shape[1] * 400])[0]
        assert np.array_equal(pair.codes, codes.numpy())
    assert pairs[f"{name}~1"].speed != pairs[f"{name}~2"].speed


@pytest.mark.parametrize(
    "wrong",
    [
        Augmentation(variants=2),
        Augmentation(mirror=True),
        Augmentation(1, speed=1.0),
        Augmentation(1, body=-0.1),
    ],
)
def test_augmentation_that_says_nothing_or_too_much_is_refused(dataset, codec, tmp_path, wrong):
    refused("data.augmentation", prepare, dataset, codec, tmp_path, Preparation(augmentation=wrong))
