"""Joints of SMPL's poses on the body of SMPL's own model file, which the user must have a licence for."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import FileFormatError
from ...core.motion.aistpp import read_smpl_parameters
from ...core.motion.array_pickle import PickledArray, read_array_pickle
from ...core.motion.axes import Z_UP_FROM_Y_UP
from ...core.motion.files import read_bytes
from ...core.motion.motion import Joints
from ...core.motion.npz import read_npz_arrays
from ...core.motion.skeleton import N_JOINTS, PARENTS

_MAX_BYTES = 384 * 2**20  # the files with 300 shape components have 247 MB
_MAX_MATRIX = 2**20
"""Numbers in a sparse matrix; SMPL's regressor has 24 x 6890, SMPL-X's 55 x 10475."""


@dataclass(frozen=True)
class SmplBody:
    """SMPL's template.

    Attributes:
        vertices: ``v_template``, (V, 3) metres, Y up.
        regressor: ``J_regressor``, (24, V), which makes joints of vertices.
    """

    vertices: np.ndarray
    regressor: np.ndarray


def read_smpl_body(path: Path) -> SmplBody:
    """The template in a model file of SMPL, by a restricted unpickler.

    Args:   path: ``.pkl`` as it is distributed (sparse matrices and chumpy's arrays are read without
        SciPy or chumpy), or ``.npz`` with ``v_template`` and ``J_regressor``.
    Raises: FileFormatError: data.smpl_model, motion.unsafe_pickle, motion.file_format,
        motion.missing_file, motion.unreadable_file.
    """
    keys = ("v_template", "J_regressor")
    if path.suffix.lower() == ".npz":
        arrays = read_npz_arrays(path, keys)
    else:
        arrays = read_array_pickle(path.name, read_bytes(path), _stand_in, _MAX_BYTES)
    vertices, regressor = (arrays.get(key, np.zeros(0)) for key in keys)
    if vertices.shape[1:] != (3,) or regressor.shape != (N_JOINTS, len(vertices)):
        raise _no_model(path, f"v_template is {vertices.shape} and J_regressor {regressor.shape}")
    return SmplBody(vertices.astype(np.float64), regressor.astype(np.float64))


def model_joints(path: Path, body: SmplBody) -> Joints:
    """The dance in a file of AIST++'s ``motions/``, on a given body, computed by ``smplx``.

    The body has SMPL's average shape, as AIST++ used it. Its joints depend on no other vertex than
    those of the template, so none is posed.

    Returns: (T, 24, 3) metres, Z up, 60 Hz.
    Raises:  FileFormatError as ``read_aistpp`` does.
    """
    import torch
    from smplx import lbs

    poses, translations = (torch.from_numpy(array) for array in read_smpl_parameters(path))
    vertices = torch.from_numpy(body.vertices)[None]
    rest = lbs.vertices2joints(torch.from_numpy(body.regressor), vertices)
    rotations = lbs.batch_rodrigues(poses.reshape(-1, 3)).reshape(-1, N_JOINTS, 3, 3)
    joints, _ = lbs.batch_rigid_transform(
        rotations, rest.expand(len(poses), -1, -1), torch.tensor(PARENTS), dtype=torch.float64
    )
    return np.asarray((joints + translations[:, None]).numpy() @ Z_UP_FROM_Y_UP.T)


def _no_model(path: Path, reason: str) -> FileFormatError:
    return FileFormatError(
        f"{path} is no model file of SMPL: {textwrap.shorten(reason, 200)}.",
        code="data.smpl_model",
        hint="Give SMPL's own file (smpl.is.tue.mpg.de), such as SMPL_MALE.pkl.",
    )


class _Sparse(PickledArray):
    """Stands for SciPy's csc_matrix and csr_matrix; its values are those of the full matrix."""

    by_columns = True

    def __setstate__(self, state: dict[str, Any]) -> None:
        shape = tuple(int(size) for size in state["_shape"])
        if len(shape) != 2 or not 0 < shape[0] * shape[1] <= _MAX_MATRIX:
            raise ValueError("a matrix of this shape is not SMPL's")
        data, indices, starts = (state[key].values for key in ("data", "indices", "indptr"))
        lengths = np.diff(starts.astype(np.int64))
        if lengths.min() < 0 or lengths.sum() != len(indices):
            raise ValueError("a matrix whose rows do not follow each other")
        along = np.repeat(np.arange(len(lengths)), lengths)
        self.values = np.zeros(shape)
        self.values[(indices, along) if self.by_columns else (along, indices)] = data


class _SparseRows(_Sparse):
    by_columns = False


class _Chumpy(PickledArray):
    """Stands for chumpy's array, which holds NumPy's as ``x``; what it derives from others is left out."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        held = state.get("x")
        self.values = held.values if isinstance(held, PickledArray) else np.zeros(0)


class _Object:
    """Stands for ``object`` in the calls by which the oldest protocols make an instance."""


def _reconstructor(kind: Any, base: Any, state: Any) -> Any:
    if not (isinstance(kind, type) and issubclass(kind, PickledArray)):
        raise ValueError("only arrays are made")
    return kind()


def _nothing(*_: Any) -> None:
    return None


def _stand_in(module: str, name: str) -> Any:
    if module.startswith("scipy.sparse") and name in ("csc_matrix", "csr_matrix"):
        return _Sparse if name == "csc_matrix" else _SparseRows
    if module.split(".")[0] == "chumpy":
        return _Chumpy
    return {
        ("copy_reg", "_reconstructor"): _reconstructor,
        ("copyreg", "_reconstructor"): _reconstructor,
        ("__builtin__", "object"): _Object,
        ("builtins", "object"): _Object,
        ("__builtin__", "set"): _nothing,  # chumpy's bookkeeping
        ("builtins", "set"): _nothing,
    }.get((module, name))
