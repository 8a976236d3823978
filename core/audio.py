"""WAV files that appear whole or not at all: written aside in the same folder, flushed, then renamed."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from .errors import AudioError

MAX_SAMPLES = (2**32 - 1 - 36) // 2
"""What the header's 32-bit sizes can say of 16-bit samples: a day at 24 kHz."""

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_wav(path: Path, waveform: npt.NDArray[np.floating], sample_rate: int) -> None:
    """Writes 16-bit PCM mono.

    Args:
        path: of the file; an existing one is replaced.
        waveform: ``(S,)`` or ``(1, S)``; values beyond ±1 are clipped.
        sample_rate: in Hz.
    Raises: AudioError (audio.disk_full, audio.not_writable, audio.too_long); nothing is left behind then.
    """
    with WavFiles([path], sample_rate) as files:
        files.write(waveform.reshape(1, -1))


def unfinished_path(path: Path) -> Path:
    """Where a file is written before it gets its name; a process that was killed may leave it there."""
    return path.with_name(f".{path.name}.part")


class WavFiles:
    """Mono WAV files of equal length, written piece by piece; none gets its name before all are whole.

    Used in a ``with`` block: leaving it normally puts the files in their places, leaving it by an
    exception removes them. Whatever goes wrong with a file raises AudioError (audio.disk_full,
    audio.not_writable, audio.too_long), the first two as early as on entering.

    Args:
        paths: one per take; existing files are replaced.
        sample_rate: in Hz.
    Attributes:
        samples: written so far, in each file.
    """

    def __init__(self, paths: Sequence[Path], sample_rate: int) -> None:
        self._paths = list(paths)
        self._sample_rate = sample_rate
        self._files: list[BinaryIO] = []
        self.samples = 0

    def __enter__(self) -> WavFiles:
        for path in self._paths:
            try:
                self._files.append(unfinished_path(path).open("wb"))
                self._files[-1].write(self._header())
            except OSError as error:
                self._discard()
                raise _not_written(path, error) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._discard()

    def write(self, waveforms: npt.NDArray[np.floating]) -> None:
        """Appends a piece ``(takes, S)``; values beyond ±1 are clipped."""
        self.samples += waveforms.shape[1]
        if self.samples > MAX_SAMPLES:
            raise AudioError(
                f"{self._paths[0]} would be longer than a WAV file can be.",
                code="audio.too_long",
                hint="Choose a shorter range.",
            )
        pcm = np.clip(np.rint(waveforms * 32767.0), -32767, 32767).astype("<i2")
        for path, file, samples in zip(self._paths, self._files, pcm, strict=True):
            try:
                file.write(samples.tobytes())
            except OSError as error:
                raise _not_written(path, error) from error

    def _finish(self) -> None:
        for path, file in zip(self._paths, self._files, strict=True):
            try:
                file.seek(0)
                file.write(self._header())
                file.flush()
                os.fsync(file.fileno())
                file.close()
            except OSError as error:
                raise _not_written(path, error) from error
        for path in self._paths:
            try:
                unfinished_path(path).replace(path)
            except OSError as error:
                raise _not_written(path, error) from error

    def _discard(self) -> None:
        """Removes what has not got its name; closing may fail again for the reason that brought us here."""
        for path, file in zip(self._paths, self._files, strict=False):
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                unfinished_path(path).unlink(missing_ok=True)

    def _header(self) -> bytes:
        """RIFF/WAVE, PCM ("Multimedia Programming Interface and Data Specifications 1.0", 1991)."""
        size, rate = 2 * self.samples, self._sample_rate
        chunk = (b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
        return _HEADER.pack(b"RIFF", 36 + size, b"WAVE", *chunk, b"data", size)


def _not_written(path: Path, error: OSError) -> AudioError:
    if error.errno in _NO_SPACE:
        return AudioError(
            f"There is no space left for {path.name} in {path.parent}.",
            code="audio.disk_full",
            hint="Free some space, or choose another folder.",
        )
    return AudioError(
        f"{path} cannot be written: {error.strerror or error}.",
        code="audio.not_writable",
        hint="Choose a folder that exists and that you may write to.",
    )
