"""What is fuzzed: for each kind of input good samples, ways to spoil them, and the code that reads it.

A target's ``read`` either gives a right result, which it checks, or raises KinetoneError with code,
message and hint. Anything else is a fault.
"""

import io
import json
import pickle
import shutil
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import damage
import numpy as np
import soundfile
import torch
from kinetone.core.checkpoint import load_checkpoint, read_card, save_checkpoint
from kinetone.core.cli import _parser
from kinetone.core.codec.model import Codec, CodecConfig
from kinetone.core.engine import parameters, protocol
from kinetone.core.engine.methods import _read_joints
from kinetone.core.errors import KinetoneError
from kinetone.core.motion.features import N_FEATURES, motion_features
from kinetone.core.motion.read import joints_at_60hz, read_motion
from kinetone.core.motion.skeleton import PARENTS
from kinetone.core.predictor.model import Predictor, PredictorConfig
from kinetone.core.sidecar import Model, Sidecar, read_sidecar
from kinetone.training.audio import audio_length, read_audio
from kinetone.training.corpus.index import corpus_pieces
from kinetone.training.data.cameras import read_cameras
from kinetone.training.data.keypoints2d import planar_joints
from kinetone.training.data.prepared import FORMAT_VERSION, read_prepared
from kinetone.training.data.smpl_model import read_smpl_body
from kinetone.training.state import read_state, save_state
from motion_samples import bvh_text, dancing_body

MAX_MESSAGE = 2000
"""Characters that somebody may be asked to read."""

Damage = Callable[[Random, bytes], bytes]


@dataclass(frozen=True)
class Target:
    """One kind of input.

    Attributes:
        samples: makes good ones.
        read: what is tested.
        ways: of spoiling one.
    """

    samples: Callable[[], list[bytes]]
    read: Callable[[bytes], None]
    ways: tuple[Damage, ...] = (damage.bytes_of,)

    def spoilt(self, random: Random) -> bytes:
        """A sample, spoilt in one of the ways, a few times over."""
        content = random.choice(self.good)
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            content = random.choice(self.ways)(random, content)
        return content

    @property
    def good(self) -> list[bytes]:
        return _samples(self.samples)


@cache
def _samples(make: Callable[[], list[bytes]]) -> list[bytes]:
    return make()


def check(target: Target, content: bytes) -> bool:
    """Whether a target takes an input; raises what no reader may raise."""
    try:
        with np.errstate(all="ignore"):
            target.read(content)
    except KinetoneError as error:
        refusal = error
    else:
        return True
    assert refusal.code
    assert refusal.message
    assert refusal.hint
    assert len(refusal.message) < MAX_MESSAGE, "a message that is too long to be read"
    return False


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="kinetone-fuzz-"))


def clear() -> None:
    """Removes what the targets wrote."""
    shutil.rmtree(_folder())


def _file(name: str, read: Callable[[Path], object]) -> Callable[[bytes], None]:
    def from_bytes(content: bytes) -> None:
        path = _folder() / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        read(path)

    return from_bytes


def _dance(path: Path) -> None:
    motion = read_motion(path)
    assert motion.joints.shape[1:] == (24, 3)
    _features(joints_at_60hz(motion))


def _features(joints: np.ndarray) -> None:
    features = motion_features(joints)
    assert np.isfinite(features.stacked()).all()


def _bvh() -> list[bytes]:
    moves = [{}, {"LeftForeArm": [90, 0, 0]}, {"Hips": [3, 95, 0, 10, 20, 30]}]
    strange = bvh_text(moves)
    for number, name in enumerate(("Shoulder", "ForeArm", "UpLeg", "Leg", "Hips", "Spine")):
        strange = strange.replace(name, f"b{number}_")
    return [bvh_text(moves).encode(), strange.encode()]


RNG = np.random.default_rng(5)
AIST = {
    "smpl_loss": 0.01,
    "smpl_poses": RNG.normal(0, 0.4, (3, 72)),
    "smpl_scaling": np.array([93.77]),
    "smpl_trans": RNG.normal(0, 90, (3, 3)).astype(np.float32),
}


def _aist() -> list[bytes]:
    points = {"keypoints3d": RNG.normal(0, 90, (2, 17, 3))}
    return [pickle.dumps(AIST, protocol) for protocol in range(6)] + [pickle.dumps(points, 2)]


def _keypoints2d() -> list[bytes]:
    return [pickle.dumps({"keypoints2d": RNG.uniform(1, 900, (2, 3, 17, 3))}, p) for p in (2, 4)]


def _planar(path: Path) -> None:
    folder = _folder() / "cameras"
    folder.mkdir(exist_ok=True)
    (folder / "mapping.txt").write_text("s setting1\n")
    (folder / "setting1.json").write_bytes(_cameras()[0])
    _features(planar_joints(path, *read_cameras(folder)("s", "c01")))


def _cameras() -> list[bytes]:
    matrix = [[1500.0, 0, 960], [0, 1500, 540], [0, 0, 1]]
    return [
        json.dumps([{"name": "c01", "matrix": matrix, "distortions": [-0.1, 0.02, 0, 0, 0.001]}]).encode()
    ]


def _camera(path: Path) -> None:
    (path.parent / "mapping.txt").write_text("s setting1\n")
    read_cameras(path.parent)("s", "c01")


def smpl_model() -> dict[str, object]:
    """A body with SMPL's arrays, of few vertices."""
    regressor = RNG.random((24, 5)) * (RNG.random((24, 5)) < 0.5)
    return {
        "v_template": RNG.normal(0, 0.5, (5, 3)),
        "J_regressor": regressor,
        "kintree_table": np.stack([np.array(PARENTS), np.arange(24)]),
    }


def _body() -> list[bytes]:
    import scipy.sparse

    model = smpl_model()
    sparse = {**model, "J_regressor": scipy.sparse.csc_matrix(model["J_regressor"])}
    return [pickle.dumps(each, protocol) for each in (model, sparse) for protocol in (0, 2, 4)]


def _npz() -> list[bytes]:
    joints = dancing_body(3)
    amass = {
        "poses": RNG.normal(0, 0.4, (3, 72)),
        "trans": RNG.normal(0, 1, (3, 3)),
        "mocap_framerate": 120.0,
    }
    return [
        _saved(joints=joints, fps=30.0),
        _saved(**amass),
        _saved(np.savez_compressed, joints=joints, fps=30.0),
    ]


def _saved(save: Callable[..., None] = np.savez, **arrays: object) -> bytes:
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def _npy() -> list[bytes]:
    file = io.BytesIO()
    np.save(file, dancing_body(3))
    return [file.getvalue()]


def _sidecar() -> list[bytes]:
    codes = RNG.integers(0, 1024, (2, 10)).astype(np.int16)
    sidecar = Sidecar(
        model=Model("tiny", "1", "ab" * 32),
        parameters={"seed": 3, "take": 1, "genre": None, "energy": 1.0},
        codes=codes,
        alignment={"hit": 0.5, "shifted": 0.25, "beats": 12},
        kinematic_beats_s=[0.05, 0.1],
        musical_beats_s=[0.1],
        renewed=[{"start_s": 0.0, "end_s": 0.1, "parameters": {"seed": 2}}],
        about={"armature": "Tänzerin", "mapping": {"pelvis": "Hips"}},
    )
    return [sidecar.to_bytes()]


def _whole_sidecar(path: Path) -> None:
    sidecar = read_sidecar(path)
    (path.parent / "again.json").write_bytes(sidecar.to_bytes())
    again = read_sidecar(path.parent / "again.json")
    assert np.array_equal(again.codes, sidecar.codes)
    assert (again.about, again.alignment) == (sidecar.about, sidecar.alignment)
    f"{sidecar.alignment['hit']:.0%} {sidecar.alignment['shifted']:.0%} {sidecar.alignment['beats']}"
    protocol.encode(protocol.Result(1, {"alignment": dict(sidecar.alignment), "about": dict(sidecar.about)}))


@cache
def _checkpoint() -> Path:
    torch.manual_seed(0)
    books = {"n_codebooks": 2, "codebook_size": 16}
    channels = (2, 2, 2, 2, 2)
    codec = Codec(CodecConfig(encoder_channels=channels, decoder_channels=channels, latent_dim=2, **books))
    sizes = {"width": 8, "n_heads": 2, "head_dim": 4, "feed_forward": 8, "window": 4, "history_dim": 4}
    config = PredictorConfig(genres=("salsa",), hidden=8, lstm_layers=1, encoder_layers=1, **sizes, **books)
    about = {
        "name": "tiny",
        "version": "0",
        "trained_on": "nothing",
        "licence": "CC0-1.0",
        "scores": {"x": 1.5},
    }
    save_checkpoint(_folder() / "checkpoint", codec, Predictor(config), about)
    return _folder() / "checkpoint"


def _card() -> list[bytes]:
    return [(_checkpoint() / "card.json").read_bytes()]


def _weights() -> list[bytes]:
    return [(_checkpoint() / "model.safetensors").read_bytes()]


def _load(path: Path) -> None:
    checkpoint = load_checkpoint(path.parent)
    protocol.encode(protocol.Result(1, {"card": read_card(path.parent)}))
    assert all(torch.isfinite(each).all() for each in checkpoint.predictor.state_dict().values())


def _in_checkpoint(name: str) -> Callable[[bytes], None]:
    """Reads a checkpoint of which one file is spoilt."""

    def from_bytes(content: bytes) -> None:
        spoilt = _folder() / f"spoilt-{name}"
        if not spoilt.exists():
            shutil.copytree(_checkpoint(), spoilt)
        (spoilt / name).write_bytes(content)
        _load(spoilt / name)

    return from_bytes


GENERATE = {
    "joints": "/none/a.npy",
    "output": ["/none/b.wav"],
    "seed": 1,
    "temperature": 0.7,
    "sidecar": {"x": "x"},
}
CHOICES = {"genre": "x", "top_k": 4, "energy": 1, "tempo_bpm": 120, "genre_strength": 1.5, "takes": 1}
PART = {"music": "/none/c.json", "start_s": 0.5, "end_s": 2}
REQUESTS = (
    protocol.Request(7, "generate", GENERATE),
    protocol.Request(8, "regenerate", {**GENERATE, **CHOICES, **PART}),
    protocol.Request(9, "decode", {"music": "/none/c.json", "output": "/none/b.wav", "checkpoint": "/none"}),
    protocol.Request(10, "info", {"checkpoint": "/none"}),
)
FROM_WORKER = (
    protocol.Hello(1, "0.1.0", 4711, "3.11.7"),
    protocol.Progress(7, "Composing", 0.31),
    protocol.Result(7, {"files": [{"path": "/none/b.wav", "samples": 400}]}),
    protocol.Failure(7, protocol.Problem("motion.too_short", "Too short.", "Dance on.", "line 1")),
    protocol.Stopped(7),
)
TAKEN = {
    "generate": parameters.generate_parameters,
    "regenerate": parameters.regenerate_parameters,
    "decode": parameters.decode_parameters,
    "info": parameters.info_checkpoint,
}


def _requests() -> list[bytes]:
    return [protocol.encode(each) for each in (*REQUESTS, protocol.Cancel(7), protocol.Shutdown())]


def _request(line: bytes) -> None:
    for message in protocol.read_messages(io.BytesIO(line), protocol.decode_from_client):
        if isinstance(message, KinetoneError):
            raise message
        assert protocol.decode_from_client(protocol.encode(message)) == message
        if isinstance(message, protocol.Request) and message.method in TAKEN:
            taken = TAKEN[message.method](message.params)
            asked = getattr(taken, "generate", taken)
            if isinstance(asked, parameters.GenerateParameters):
                asked.options.check()


def _replies() -> list[bytes]:
    return [protocol.encode(each) for each in FROM_WORKER]


def _reply(line: bytes) -> None:
    for message in protocol.read_messages(io.BytesIO(line), protocol.decode_from_worker):
        if isinstance(message, KinetoneError):
            raise message
        assert protocol.decode_from_worker(protocol.encode(message)) == message
        if isinstance(message, protocol.Failure):
            message.exception()


def _prepared(part: str) -> Callable[[], list[bytes]]:
    return lambda: [(_whole_prepared() / part).read_bytes()]


@cache
def _whole_prepared() -> Path:
    folder = _folder() / "prepared"
    (folder / "shards").mkdir(parents=True)
    np.save(folder / "shards/00000.features.npy", np.zeros((5, N_FEATURES), np.float32))
    np.save(folder / "shards/00000.codes.npy", np.zeros((5, 2), np.int16))
    about = {"song": "s", "split": "train", "genre": "x", "music": "/s.wav", "speed": 1.0}
    pair = {"name": "a", "start": 1, "frames": 3, "shard": "00000", **about}
    index = {
        "format": FORMAT_VERSION,
        "codec": "ab" * 32,
        "n_codebooks": 2,
        "codebook_size": 16,
        "pairs": [pair, pair],
    }
    (folder / "index.json").write_text(json.dumps(index))
    return folder


def _in_prepared(part: str) -> Callable[[bytes], None]:
    def from_bytes(content: bytes) -> None:
        spoilt = _folder() / f"prepared-{Path(part).name}"
        if not spoilt.exists():
            shutil.copytree(_whole_prepared(), spoilt)
        (spoilt / part).write_bytes(content)
        prepared = read_prepared(spoilt)
        assert all(pair.features.shape[1:] == (N_FEATURES,) for pair in prepared.pairs)
        assert all(pair.features.shape[0] == pair.codes.shape[1] for pair in prepared.pairs)
        assert isinstance(prepared.genres, tuple)

    return from_bytes


def _corpus() -> list[bytes]:
    piece = {"name": "a", "song": "s", "genre": "x", "split": "train", "tempo_bpm": 120}
    return [json.dumps({"pieces": [piece, piece]}).encode()]


def _pieces(path: Path) -> None:
    for piece in corpus_pieces(path.parent):
        assert all(isinstance(piece[key], str) for key in ("name", "song", "genre", "split"))


def _audio() -> list[bytes]:
    tone = 0.4 * np.sin(np.arange(3000) / 9)
    return [_written(tone, rate, kind) for kind in ("WAV", "FLAC", "OGG") for rate in (24_000, 44_100)]


def _written(tone: np.ndarray, rate: int, kind: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, tone, rate, format=kind)
    return file.getvalue()


def _sound(path: Path) -> None:
    assert len(read_audio(path)[0]) == audio_length(path)
    assert read_audio(path, 100, 500).shape == (1, 500)


def _state() -> list[bytes]:
    path = _folder() / "good-state.pt"
    save_state(path, step=3, config={"model": {"n_codebooks": 2}}, weights={"a": torch.zeros(2)})
    return [path.read_bytes()]


def _short_state(random: Random, content: bytes) -> bytes:
    """For names of any length, torch looks for the words of its message in quadratic time."""
    return random.choice((damage.bytes_of, damage.zip_of))(random, content)[:8192]


def _joints_file(path: Path) -> None:
    _features(_read_joints(path))


def _arguments() -> list[bytes]:
    lines = ("generate a.bvh b.pkl -o c.wav --seed 3 --takes 2 --energy 0.5 --tempo 120 --top-k 3 -f",
             "regenerate a.npz --music b.json --from 1 --to 2.5 -o c.flac --temperature 0.7 --genre salsa",
             "again b.json -o c.wav --checkpoint d", "-v info d")  # fmt: skip
    return [line.replace(" ", "\0").encode() for line in lines]


class WrongCallError(KinetoneError):
    """argparse said what is wrong and how to call it."""


@cache
def _parser_once() -> object:
    return _parser()


def _call(content: bytes) -> None:
    try:
        with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
            _parser_once().parse_args(
                [word.decode("utf-8", "surrogateescape") for word in content.split(b"\0")]
            )
    except SystemExit as end:
        if end.code not in (0, 2):
            raise
        raise WrongCallError("usage", code="cli", hint="usage") from end


JSON = (damage.bytes_of, damage.json_of, damage.json_of, damage.json_of)
PICKLE = (damage.bytes_of, damage.pickle_of, damage.pickle_of)

TARGETS = {
    "bvh": Target(_bvh, _file("a.bvh", _dance), (damage.bytes_of, damage.lines_of, damage.lines_of)),
    "motion pickle": Target(_aist, _file("a.pkl", _dance), PICKLE),
    "2-D keypoints": Target(_keypoints2d, _file("b.pkl", _planar), PICKLE),
    "body pickle": Target(_body, _file("body.pkl", read_smpl_body), PICKLE),
    "motion archive": Target(_npz, _file("a.npz", _dance), (damage.bytes_of, damage.zip_of, damage.zip_of)),
    "joints": Target(_npy, _file("a.npy", _joints_file), (damage.bytes_of, damage.npy_of, damage.npy_of)),
    "sidecar": Target(_sidecar, _file("a.json", _whole_sidecar), JSON),
    "card": Target(_card, _in_checkpoint("card.json"), JSON),
    "weights": Target(_weights, _in_checkpoint("model.safetensors")),
    "request": Target(_requests, _request, JSON),
    "reply": Target(_replies, _reply, JSON),
    "prepared index": Target(_prepared("index.json"), _in_prepared("index.json"), JSON),
    "shard": Target(
        _prepared("shards/00000.features.npy"), _in_prepared("shards/00000.features.npy"), (damage.npy_of,)
    ),
    "corpus index": Target(_corpus, _file("corpus/index.json", _pieces), JSON),
    "cameras": Target(_cameras, _file("setting1/setting1.json", _camera), JSON),
    "audio": Target(_audio, _file("a.wav", _sound)),
    "training state": Target(_state, _file("state.pt", read_state), (_short_state,)),
    "arguments": Target(_arguments, _call, (damage.bytes_of, damage.lines_of)),
}
