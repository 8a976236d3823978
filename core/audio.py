"""Music files that appear whole or not at all: written aside in the same folder, flushed, then renamed.

WAV and FLAC, 16-bit PCM mono; the same music has the same samples in both. Importing this brings no
soundfile, which Blender's Python lacks: FLAC is written in the engine only.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from .errors import AudioError
from .unfinished import UnfinishedFile, unfinished_path

Pcm = npt.NDArray[np.int16]
"""``(S,)`` little-endian samples."""

SUFFIXES = (".wav", ".flac")
"""Of the formats that can be written."""

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
    with MusicFiles([path], sample_rate, replace=True) as files:
        files.write(waveform.reshape(1, -1))


def sidecar_path(music: Path) -> Path:
    """The sidecar of a music file: NAME.json beside NAME.wav."""
    return music.with_suffix(".json")


class MusicFiles:
    """Mono music files of equal length, written piece by piece; none gets its name before all are whole.

    Used in a ``with`` block: leaving it normally puts the files in their places, leaving it by an
    exception removes them. Whatever goes wrong with a file raises AudioError (audio.disk_full,
    audio.not_writable, audio.exists, audio.busy, audio.too_long), all but the last as early as on entering.

    Args:
        paths: one per take, ``.flac`` for FLAC, anything else for WAV.
        sample_rate: in Hz.
        replace: whether existing files are; they stay until the new ones are whole.
    Attributes:
        samples: written so far, in each file.
    """

    def __init__(self, paths: Sequence[Path], sample_rate: int, replace: bool = False) -> None:
        self._paths = list(paths)
        self._sample_rate = sample_rate
        self._replace = replace
        self._files: list[UnfinishedFile] = []
        self._formats: list[_Format] = []
        self.samples = 0

    def __enter__(self) -> MusicFiles:
        try:
            for path in self._paths:
                self._check_free(sidecar_path(path))
                kind = _Flac if path.suffix.lower() == ".flac" else _Wav
                self._formats.append(kind(path, self._open(path), self._sample_rate))
        except AudioError:
            self._discard()
            raise
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
        for file, samples in zip(self._formats, pcm, strict=True):
            file.write(samples)

    def attach(self, path: Path, content: bytes) -> None:
        """Adds a file that gets its name together with the music."""
        file = self._open(path)
        try:
            file.write(content)
        except OSError as error:
            raise _not_written(path, error) from error

    def _open(self, path: Path) -> BinaryIO:
        self._check_free(path)
        try:
            self._files.append(UnfinishedFile(path))
        except FileExistsError as error:
            raise AudioError(
                f"Something else is writing {path.name} in {path.parent}.",
                code="audio.busy",
                hint=f"Wait for it, or choose another name ({unfinished_path(path).name} is in the way).",
            ) from error
        except OSError as error:
            raise _not_written(path, error) from error
        return self._files[-1].file

    def _check_free(self, path: Path) -> None:
        if path.is_dir():
            raise _not_written(path, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
        if not self._replace and path.exists():
            raise _exists(path)

    def _finish(self) -> None:
        for each in self._formats:
            each.finish()
        for unfinished in self._files:
            try:
                unfinished.flush()
            except OSError as error:
                raise _not_written(unfinished.path, error) from error
        for number, unfinished in enumerate(self._files):
            try:
                unfinished.name(self._replace)
            except OSError as error:
                if not self._replace:
                    for named in self._files[:number]:
                        named.path.unlink(missing_ok=True)
                if isinstance(error, FileExistsError):
                    raise _exists(unfinished.path) from error
                raise _not_written(unfinished.path, error) from error

    def _discard(self) -> None:
        """Removes what has not got its name."""
        for each in self._formats:
            each.abandon()
        for unfinished in self._files:
            unfinished.discard()


class _Format(Protocol):
    """How samples become bytes of a file that somebody else opened and will close."""

    def __init__(self, path: Path, file: BinaryIO, sample_rate: int) -> None: ...

    def write(self, samples: Pcm) -> None: ...

    def finish(self) -> None: ...

    def abandon(self) -> None: ...


class _Wav:
    """RIFF/WAVE, PCM ("Multimedia Programming Interface and Data Specifications 1.0", 1991)."""

    def __init__(self, path: Path, file: BinaryIO, sample_rate: int) -> None:
        self._path, self._file, self._sample_rate = path, file, sample_rate
        self._samples = 0
        self._put(self._header())

    def write(self, samples: Pcm) -> None:
        self._samples += len(samples)
        self._put(samples.tobytes())

    def finish(self) -> None:
        try:
            self._file.seek(0)
        except OSError as error:
            raise _not_written(self._path, error) from error
        self._put(self._header())

    def abandon(self) -> None:
        """Nothing to let go of."""

    def _put(self, content: bytes) -> None:
        try:
            self._file.write(content)
        except OSError as error:
            raise _not_written(self._path, error) from error

    def _header(self) -> bytes:
        size, rate = 2 * self._samples, self._sample_rate
        chunk = (b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
        return _HEADER.pack(b"RIFF", 36 + size, b"WAVE", *chunk, b"data", size)


class _Flac:
    """FLAC by libsndfile."""

    def __init__(self, path: Path, file: BinaryIO, sample_rate: int) -> None:
        import soundfile

        self._path, self._guarded = path, _Guarded(file)
        # It asserts, too, that everything has been written.
        self._failures = (soundfile.LibsndfileError, AssertionError)
        try:
            self._flac = soundfile.SoundFile(
                self._guarded, "w", samplerate=sample_rate, channels=1, subtype="PCM_16", format="FLAC"
            )
        except soundfile.LibsndfileError as error:
            raise self._failure(error) from error

    def write(self, samples: Pcm) -> None:
        try:
            self._flac.write(samples)
        except self._failures as error:
            raise self._failure(error) from error
        self._check()

    def finish(self) -> None:
        try:
            self._flac.close()
        except self._failures as error:
            raise self._failure(error) from error
        self._check()

    def abandon(self) -> None:
        with suppress(*self._failures):
            self._flac.close()

    def _check(self) -> None:
        if self._guarded.error is not None:
            raise self._failure(self._guarded.error)

    def _failure(self, error: Exception) -> AudioError:
        return _not_written(self._path, self._guarded.error or OSError(str(error)))


class _Guarded:
    """A file for libsndfile, which cannot pass on Python's exceptions: the first one is kept here."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = self.error or error
            return 0

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._file.seek(offset, whence)
        except OSError as error:
            self.error = self.error or error
            return -1

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        """Nothing: the library wants to find the method, but reads no file that it writes."""
        return b""


def _exists(path: Path) -> AudioError:
    return AudioError(
        f"{path.parent} already holds {path.name}.",
        code="audio.exists",
        hint="Choose another name. What is there stays as it is.",
    )


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
