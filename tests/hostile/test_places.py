"""What is no file where one should be: pipes, devices, links and names that lead elsewhere."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from kinetone.core.checkpoint import load_checkpoint
from kinetone.core.engine import methods
from kinetone.core.engine.parameters import generate_parameters
from kinetone.core.errors import EngineError, FileFormatError, KinetoneError
from kinetone.core.motion.features import N_FEATURES
from kinetone.core.motion.read import read_motion
from kinetone.core.sidecar import read_sidecar
from kinetone.core.untrusted import parse_json, read_bounded
from kinetone.training.audio import read_audio
from kinetone.training.corpus.index import corpus_pieces
from kinetone.training.data.cameras import read_cameras
from kinetone.training.data.prepared import read_prepared
from kinetone.training.data.smpl_model import read_smpl_body
from kinetone.training.state import read_state

POSIX = pytest.mark.skipif(os.name != "posix", reason="pipes and devices with names")


@pytest.fixture
def folder(tmp_path, tiny_checkpoint):
    """A checkpoint's, with a list of cameras; what is read is put in beside or over these."""
    shutil.copytree(tiny_checkpoint, tmp_path, dirs_exist_ok=True)
    (tmp_path / "mapping.txt").write_text("sequence setting1")
    return tmp_path


READERS = {
    "a.bvh": read_motion,
    "a.npz": read_motion,
    "a.pkl": read_motion,
    "body.pkl": read_smpl_body,
    "a.json": read_sidecar,
    "card.json": lambda path: load_checkpoint(path.parent),
    "model.safetensors": lambda path: load_checkpoint(path.parent),
    "joints.npy": lambda path: methods.generate(
        {"joints": str(path), "output": [str(path.with_name("a.wav"))]}, lambda stage, fraction: None
    ),
    "codec.state": read_state,
    "index.json": lambda path: read_prepared(path.parent),
    "corpus/index.json": lambda path: corpus_pieces(path.parent),
    "setting1.json": lambda path: read_cameras(path.parent),
    "song.wav": read_audio,
}


def refuses(read, path):
    with pytest.raises(KinetoneError) as caught:
        read(path)
    assert caught.value.code
    assert caught.value.hint


@POSIX
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("put", [os.mkfifo, lambda path: path.symlink_to("/dev/zero"), Path.mkdir])
def test_pipes_devices_and_folders_are_refused_at_once(folder, name, put):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    put(path)
    refuses(READERS[name], path)
    assert not (folder / "a.wav").exists()


@POSIX
@pytest.mark.parametrize("name", READERS)
def test_links_to_themselves_and_names_that_cannot_be_are_refused(folder, name):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(path)
    refuses(READERS[name], path)


@pytest.mark.parametrize("name", ["x" * 5000, "\ud800", "\0"])
def test_names_that_no_file_can_have_are_refused(tmp_path, name):
    for read, suffix in ((read_motion, ".bvh"), (read_sidecar, ".json"), (load_checkpoint, "")):
        refuses(read, tmp_path / f"{name}{suffix}")
    refuses(READERS["joints.npy"], tmp_path / f"{name}.npy")


@POSIX
def test_a_link_to_a_file_is_followed(tmp_path):
    (tmp_path / "real").write_bytes(b"content")
    (tmp_path / "link").symlink_to("real")
    assert read_bounded(tmp_path / "link", 7) == b"content"
    with pytest.raises(OSError, match="larger"):
        read_bounded(tmp_path / "link", 6)


@POSIX
def test_two_takes_cannot_be_written_to_one_file_by_two_names(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to("here")
    for other in ("here/../here/a.wav", "link/a.wav", "link/../here/a.flac"):
        outputs = [str(tmp_path / "here/a.wav"), f"{tmp_path}/{other}"]
        with pytest.raises(EngineError, match="output"):
            generate_parameters({"joints": "/a.npy", "output": outputs})


def test_names_in_an_index_lead_to_no_other_folder(tmp_path):
    for name in ("../a", "/etc/a", "a/../../b", "..", "", "a\\b", "a\0b", "\ud800", "x" * 300):
        piece = {"name": name, "song": "s", "genre": "g", "split": "train"}
        (tmp_path / "index.json").write_text(json.dumps({"pieces": [piece]}))
        with pytest.raises(FileFormatError) as caught:
            corpus_pieces(tmp_path)
        assert caught.value.code == "corpus.damaged_index"


def test_shards_lie_in_their_folder(tmp_path):
    (tmp_path / "shards").mkdir()
    np.save(tmp_path / "x.features.npy", np.zeros((1, N_FEATURES), np.float32))
    np.save(tmp_path / "x.codes.npy", np.zeros((1, 2), np.int16))
    about = dict.fromkeys(("name", "genre", "song", "split", "music"), "x")
    pair = {**about, "start": 0, "frames": 1, "speed": 1.0, "shard": "../x"}
    index = {"format": 1, "codec": "", "n_codebooks": 2, "codebook_size": 16, "pairs": [pair]}
    (tmp_path / "index.json").write_text(json.dumps(index))
    with pytest.raises(FileFormatError) as caught:
        read_prepared(tmp_path)
    assert caught.value.code == "training.prepared_format"


@pytest.mark.parametrize(
    "text",
    [b"NaN", b"[Infinity]", b"1e999", b"9" * 30, b"[" * 65 + b"]" * 65, b"[" * 99_999, b"\xff", b"", b"1 2"],
)
def test_json_with_surprises_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the readers say more
        parse_json(text)


@pytest.mark.parametrize(
    "text", [b"[" * 64 + b"]" * 64, b"-9223372036854775808", b'{"a": 1, "a": 2}', b"1e-999"]
)
def test_json_without_is_read(text):
    assert parse_json(text) == json.loads(text)
