"""Reads dances from NumPy archives: Kinetone's own joints, and AMASS's SMPL parameters."""

from __future__ import annotations

import io
import reprlib
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .files import MAX_BYTES, check_frames, format_error, read_bytes
from .motion import Motion
from .npy import npy_array
from .skeleton import N_JOINTS
from .smpl import N_BODY_PARAMETERS, smpl_joints

_FRAME_RATE_KEYS = ("fps", "frame_rate", "mocap_framerate", "mocap_frame_rate")

MAX_ENTRIES = 1000
"""Of an archive; NumPy's have as many as there are arrays."""


def read_npz(path: str | Path) -> Motion:
    """The dance in a NumPy archive, which holds either

    - ``joints`` (T, 24, 3), SMPL's joints in metres, Z up; or
    - ``poses`` (T, 66 or more) and ``trans`` (T, 3), SMPL parameters with Z up, as AMASS has them;

    and the frame rate as ``fps``, ``frame_rate``, ``mocap_framerate`` or ``mocap_frame_rate``.

    Raises: FileFormatError: motion.file_format, motion.missing_file, motion.unreadable_file;
        MotionError (motion.too_long).
    """
    path = Path(path)
    arrays = read_npz_arrays(path, _KEYS)
    frame_rate = _frame_rate(path.name, arrays)
    if "joints" in arrays:
        joints = _shaped(path.name, arrays, "joints", (N_JOINTS, 3))
    elif "poses" in arrays and "trans" in arrays:
        poses, translations = arrays["poses"], _shaped(path.name, arrays, "trans", (3,))
        if (
            poses.dtype.kind not in "fiu"
            or poses.ndim != 2
            or poses.shape[1] < N_BODY_PARAMETERS
            or len(poses) != len(translations)
        ):
            raise format_error(
                f"{path.name}: poses are {_described(poses)}, not numbers "
                f"({len(translations)}, {N_BODY_PARAMETERS} or more) as trans has it."
            )
        joints = smpl_joints(poses, translations)
    else:
        held = ", ".join(sorted(arrays))  # of the keys that are known
        raise format_error(f"{path.name} holds neither joints nor poses and trans; of use is {held}.")
    return Motion(joints, frame_rate, path.name)


def read_npz_arrays(path: Path, keys: Collection[str]) -> dict[str, npt.NDArray[Any]]:
    """Those of some arrays that a NumPy archive has; it may not unpack to more than any dance holds.

    Raises: FileFormatError: motion.file_format, motion.missing_file, motion.unreadable_file.
    """
    name, content = path.name, read_bytes(path)
    if content.count(b"PK\1\2") > MAX_ENTRIES:
        raise format_error(f"{name} has more than {MAX_ENTRIES} entries.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise format_error(f"{name} unpacks to more than {MAX_BYTES // 2**20} MiB.")
            wanted = {entry.filename.removesuffix(".npy"): entry for entry in entries}
            return {key: _array(archive, wanted[key]) for key in keys if key in wanted}
    except _STUMBLES as error:
        reason = reprlib.repr(str(error))
        raise format_error(f"{name} is not a NumPy archive, or is damaged: {reason}.") from error


_STUMBLES = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What a damaged or hostile archive can make zipfile raise."""


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> npt.NDArray[Any]:
    """An array of an archive that NumPy wrote: stored or deflated, and not larger than it says."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("packed in a way that NumPy does not know")
    with archive.open(entry) as file:
        # Without a number, all would be unpacked that there is, however much more than it says.
        return npy_array(file.read(entry.file_size))


_KEYS = {"joints", "poses", "trans", *_FRAME_RATE_KEYS}


def _shaped(
    name: str, arrays: dict[str, npt.NDArray[Any]], key: str, shape: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    array = arrays[key]
    if array.ndim != 1 + len(shape) or array.shape[1:] != shape or array.dtype.kind not in "fiu":
        wanted = ", ".join(str(size) for size in shape)
        raise format_error(f"{name}: {key} is {_described(array)}, not numbers (frames, {wanted}).")
    check_frames(name, len(array))
    return array.astype(np.float64)


def _described(array: npt.NDArray[Any]) -> str:
    return f"{reprlib.repr(str(array.dtype))} of the shape {reprlib.repr(array.shape)}"


def _frame_rate(name: str, arrays: dict[str, npt.NDArray[Any]]) -> float:
    found = [arrays[key] for key in _FRAME_RATE_KEYS if key in arrays]
    if not found:
        raise format_error(f"{name} does not say its frame rate as fps.")
    if found[0].size != 1 or found[0].dtype.kind not in "fiu" or not 0 < found[0].item() < 1e5:
        raise format_error(f"{name}: the frame rate is not a number above zero.")
    return float(found[0].item())
