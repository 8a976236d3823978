"""The JSON beside the music: what goes in comes out, and nothing that was made to do harm gets in."""

import base64
import json
import sys
import zlib

import numpy as np
import pytest
from bounded import read_alone
from kinetone.core.errors import FileFormatError
from kinetone.core.sidecar import MAX_FILE_BYTES, Model, Sidecar, read_sidecar

CODES = np.random.default_rng(0).integers(0, 1024, (8, 100)).astype(np.int16)


@pytest.fixture
def sidecar():
    return Sidecar(
        model=Model("tiny", "1", "ab" * 32),
        parameters={"seed": 3, "take": 1, "genre": None, "energy": 1.0},
        codes=CODES,
        alignment={"hit": 0.5, "shifted": 0.25, "beats": 12},
        kinematic_beats_s=[0.5, 1.25],
        musical_beats_s=[0.25, 0.75],
        renewed=[{"start_s": 0.0, "end_s": 1.0, "parameters": {"seed": 2}}],
        about={"armature": "Tänzerin", "mapping": {"pelvis": "Hips"}},
    )


@pytest.fixture
def path(tmp_path, sidecar):
    (tmp_path / "a.json").write_bytes(sidecar.to_bytes())
    return tmp_path / "a.json"


def test_it_comes_back_as_it_was(path, sidecar):
    back = read_sidecar(path)
    assert np.array_equal(back.codes, CODES)
    assert back.codes.dtype == np.int16
    for name in (
        "model",
        "parameters",
        "alignment",
        "kinematic_beats_s",
        "musical_beats_s",
        "renewed",
        "about",
    ):
        assert getattr(back, name) == getattr(sidecar, name)
    assert back.n_frames == 100
    assert back.duration_s == pytest.approx(100 / 60)


def test_others_can_read_the_codes_by_what_the_file_says(path):
    values = json.loads(path.read_text(encoding="ascii"))
    assert (values["format"], values["frame_rate"], values["n_frames"]) == (1, 60, 100)
    raw = zlib.decompress(base64.b64decode(values["codes"]["data"]))
    assert np.array_equal(np.frombuffer(raw, "<i2").reshape(8, 100), CODES)


def packed(raw):
    return base64.b64encode(zlib.compress(raw)).decode()


def changed(path, **changes):
    values = json.loads(path.read_text())
    path.write_text(json.dumps(values | changes))


CODES_SPOILT = [
    {"data": packed(CODES.tobytes()[:-2])},
    {"data": packed(CODES.tobytes() + b"\0")},
    {"data": packed((-CODES - 1).astype("<i2").tobytes())},
    {"data": "garbage!"},
    {"data": base64.b64encode(b"not zlib").decode()},
    {"data": base64.b64encode(zlib.compress(CODES.tobytes())[:-10]).decode()},
    {"data": 3},
    {"n_codebooks": 0},
    {"n_codebooks": 10**9},
    {"n_codebooks": True},
    {"n_codebooks": "8"},
]


@pytest.mark.parametrize("spoilt", CODES_SPOILT)
def test_codes_that_do_not_fit_are_refused(path, spoilt):
    changed(path, codes=json.loads(path.read_text())["codes"] | spoilt)
    with pytest.raises(FileFormatError) as caught:
        read_sidecar(path)
    assert caught.value.code == "file.sidecar"
    assert caught.value.hint


def nested(depth):
    return {"x": nested(depth - 1)} if depth else {}


@pytest.mark.parametrize(
    "changes",
    [
        {"n_frames": 10**12},
        {"n_frames": -1},
        {"n_frames": 99},
        {"frame_rate": 30},
        {"checkpoint": {}},
        {"checkpoint": {"name": 1, "version": "1", "sha256": ""}},
        {"parameters": {}},
        {"parameters": {"seed": "1", "take": 0}},
        {"parameters": []},
        {"alignment": None},
        {"musical_beats_s": [None]},
        {"musical_beats_s": "1 2 3"},
        {"musical_beats_s": [float("nan")]},
        {"musical_beats_s": [10**400]},
        {"alignment": {"hit": 0.5, "beats": 3}},
        {"alignment": {"hit": "all", "shifted": 0.1, "beats": 3}},
        {"parameters": {"seed": 10**400, "take": 0}},
        {"about": nested(70)},
        {"renewed": [3]},
        {"about": "me"},
        {"kinetone": 1},
        {"codes": None},
    ],
)
def test_other_values_that_do_not_fit_are_refused(path, changes):
    changed(path, **changes)
    with pytest.raises(FileFormatError) as caught:
        read_sidecar(path)
    assert caught.value.code == "file.sidecar"


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", b"[]", b"[" * 100_000, b"\xff\xfe", b'{"format": 1}', b'{"format": 1, "codes": NaN}'],
)
def test_what_is_no_sidecar_is_refused(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(FileFormatError) as caught:
        read_sidecar(tmp_path / "a.json")
    assert caught.value.code in ("file.sidecar", "file.sidecar_version")


def test_another_format_says_so(path):
    changed(path, format=2)
    with pytest.raises(FileFormatError) as caught:
        read_sidecar(path)
    assert caught.value.code == "file.sidecar_version"


def test_a_missing_one_and_a_folder_are_refused(tmp_path):
    for path, code in ((tmp_path / "no.json", "file.sidecar_missing"), (tmp_path, "file.sidecar")):
        with pytest.raises(FileFormatError) as caught:
            read_sidecar(path)
        assert caught.value.code == code


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units elsewhere")
def test_a_bomb_takes_no_more_memory_than_the_codes_it_claims(path):
    bomb = zlib.compress(bytes(1 << 28), 9)  # a quarter of a gigabyte
    changed(path, codes={"n_codebooks": 8, "data": base64.b64encode(bomb).decode()})
    end = read_alone("kinetone.core.sidecar:read_sidecar", path)
    assert end.code == "file.sidecar"
    assert end.growth_mb < 30


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units elsewhere")
def test_a_huge_file_is_not_read_whole(tmp_path):
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(1 << 32)  # four gigabytes, without taking them on the disk
    end = read_alone("kinetone.core.sidecar:read_sidecar", tmp_path / "a.json")
    assert end.code == "file.sidecar"
    assert end.growth_mb < 3 * MAX_FILE_BYTES / (1 << 20)
