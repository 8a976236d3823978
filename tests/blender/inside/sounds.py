"""Sounds that tests put on the timeline, and what the timeline sounds like."""

import time
import wave

import bpy
import numpy as np

RATE = 24_000


def write_wav(path, waveform):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.asarray(waveform) * 32767).astype("<i2").tobytes())
    return path


def read_wav(path):
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
    return samples[:, 0] / 32768


def mixdown(path):
    """What the timeline sounds like. Blender 5.2 returns before the file is whole: wait until it rests."""
    bpy.ops.sound.mixdown(filepath=str(path), container="WAV", codec="PCM", format="S16", mixrate=RATE)
    while bpy.app.version >= (5, 2) and (not path.exists() or time.time() - path.stat().st_mtime < 0.3):
        time.sleep(0.05)
    return read_wav(path)


def lag(heard, waveform):
    """At which sample of ``heard`` the waveform begins, by cross-correlation."""
    size = 2 ** int(np.ceil(np.log2(len(heard) + len(waveform))))
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(waveform, size)), size)
    found = int(np.argmax(match))
    return found if found < len(heard) else found - size
