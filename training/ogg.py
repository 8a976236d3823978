"""Ogg files whose music is not their only stream."""

from __future__ import annotations

from collections.abc import Iterator

_HEADER_BYTES = 27  # up to the page's number of segments, which is its last byte
_FIRST_PAGE = 0x02
_AUDIO_MARKS = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC")


def only_audio(content: bytes) -> bytes | None:
    """The pages of an Ogg file's first audio stream; None if it has none, or nothing else beside it.

    A converter that finds a cover picture in a song writes it as a Theora video stream before the music,
    and libsndfile then refuses the file. Every page carries its stream's serial number, so the other
    streams' pages can be left out without touching those of the music.

    Source: RFC 3533, "The Ogg Encapsulation Format", section 6.
    """
    pages = list(_pages(content))
    streams = {_serial(page): _body(page) for page in reversed(pages) if page[5] & _FIRST_PAGE}
    audio = [serial for serial, body in streams.items() if body.startswith(_AUDIO_MARKS)]
    if not audio or len(streams) < 2:
        return None
    return b"".join(page for page in pages if _serial(page) == audio[-1])


def _pages(content: bytes) -> Iterator[bytes]:
    """The whole pages of a file, until what follows is none."""
    start = 0
    while content[start : start + 4] == b"OggS" and start + _HEADER_BYTES <= len(content):
        first = start + _HEADER_BYTES
        segments = content[first : first + content[first - 1]]
        end = first + len(segments) + sum(segments)
        if end > len(content):
            return
        yield content[start:end]
        start = end


def _serial(page: bytes) -> bytes:
    return page[14:18]


def _body(page: bytes) -> bytes:
    return page[_HEADER_BYTES + page[_HEADER_BYTES - 1] :]
