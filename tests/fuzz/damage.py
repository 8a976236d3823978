"""Ways to spoil an input: blind, or knowing what it is made of.

Each takes a ``random.Random`` and a good input, and gives a bad one, or now and then a good one.
"""

import io
import json
import math
import pickle
import pickletools
import struct
import zipfile
from itertools import pairwise
from random import Random

LARGE = 1 << 16
"""Bytes of the largest input that is made by repetition."""

NUMBERS = [0, -1, 1, 2**15, 2**31 - 1, 2**31, 2**63, -(2**63), 10**30, 10**400, 0.5, -0.0, 5e-324, 1e300]
VALUES = [None, True, False, "", "x", "\ud800", "\0", "../x", "/dev/zero", [], {}, [[]], {"": {}}, *NUMBERS]
NOT_JSON = [math.nan, math.inf, -math.inf]


def bytes_of(random: Random, content: bytes) -> bytes:
    """Cuts, swells, swaps and flips, anywhere."""
    spoilt = bytearray(content)
    for _ in range(random.randint(1, 4)):
        start = random.randrange(len(spoilt) + 1)
        end = min(len(spoilt), start + random.choice((0, 1, 2, 4, 8, 100)))
        other = random.randrange(len(content) + 1)
        match random.randrange(6):
            case 0 if start < len(spoilt):
                spoilt[start] ^= 1 << random.randrange(8)
            case 1:
                del spoilt[start:end]
            case 2:
                del spoilt[start:]
            case 3:
                spoilt[start:end] = content[other : other + random.choice((1, 4, 16, 200))]
            case 4:
                times = random.choice((2, 50, LARGE // max(1, end - start)))
                spoilt[start:end] = (spoilt[start:end] * times)[:LARGE]
            case _:
                spoilt[start:end] = random.choice((random.randbytes(4), b"\xff" * 8, b"\0" * 8, b"-1"))
    return bytes(spoilt)


WORDS = ("{", "}", "ROOT", "JOINT x", "End Site", "OFFSET 1 2 3", "CHANNELS 1 Xposition", "MOTION", "\n" * 40)
FIGURES = ("", "0", "-1", "nan", "inf", "1e308", "5e-324", "999999999", "4000000", "1e-5", "٣", "0x1p9")


def lines_of(random: Random, content: bytes) -> bytes:
    """Lines and words of a text, moved, doubled, left out or replaced."""
    lines = content.decode("utf-8", "replace").split("\n")
    for _ in range(random.randint(1, 5)):
        here, there = random.randrange(len(lines)), random.randrange(len(lines))
        words = lines[here].split(" ")
        word = random.randrange(len(words))
        match random.randrange(7):
            case 0 if len(lines) > 1:
                del lines[here]
            case 1:
                lines.insert(there, lines[here])
            case 2:
                lines[here], lines[there] = lines[there], lines[here]
            case 3:
                words[word] = random.choice(FIGURES)
                lines[here] = " ".join(words)
            case 4:
                words[word] = random.choice(lines[there].split(" "))
                lines[here] = " ".join(words)
            case 5:
                lines.insert(here, random.choice(WORDS))
            case _:
                lines[here:here] = lines[min(here, there) : max(here, there)][:60] * random.choice((1, 1, 20))
    return "\n".join(lines).encode("utf-8", "replace")


def json_of(random: Random, content: bytes) -> bytes:
    """Values of a JSON text, replaced, left out, renamed or nested."""
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        return bytes_of(random, content)
    for _ in range(random.randint(1, 3)):
        values = _json_changed(random, values)
    try:
        text = json.dumps(values)
    except RecursionError:
        return b"[" * 5000
    if random.random() < 0.1:
        text = text.replace(
            '"x"', random.choice(("[" * 900 + "]" * 900, "1e999", "-0", '"a":1,"a":2', "9" * 5000))
        )
    return text.encode("utf-8", "surrogatepass") + b"\n" * content.endswith(b"\n")


def _json_changed(random: Random, value: object) -> object:
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = random.choice(list(value))
        changed = {**value, key: _json_changed(random, value[key])}
        match random.randrange(8):
            case 0:
                del changed[key]
            case 1:
                changed[random.choice(("", "x", "type", "\ud800", key + "s"))] = random.choice(VALUES)
        return changed
    if isinstance(value, list) and value and random.random() < 0.9:
        at = random.randrange(len(value))
        return [*value[:at], _json_changed(random, value[at]), *value[at + random.randrange(3) :]]
    choice = random.choice((*VALUES, *NOT_JSON, "deep", "long"))
    if choice == "deep":
        value = 0
        for _ in range(random.choice((60, 330))):
            value = random.choice(([value], {"x": value}))
        return value
    return "x" * random.choice((100, LARGE)) if choice == "long" else choice


def zip_of(random: Random, content: bytes) -> bytes:
    """Members of an archive, spoilt, renamed, doubled or compressed in another way; or their container."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    except Exception:
        return bytes_of(random, content)
    if random.random() < 0.2 or not members:
        return bytes_of(random, content)
    at = random.randrange(len(members))
    name, inner = members[at]
    match random.randrange(6):
        case 0:
            members[at] = (
                random.choice(("../" + name, name[:-4] or "y", "x", "poses.npy", "joints.npy", "fps.npy")),
                inner,
            )
        case 1:
            members[at] = (name, random.choice(members)[1])
        case 2:
            del members[at]
        case _:
            members[at] = (name, npy_of(random, inner))
    packed = io.BytesIO()
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    with zipfile.ZipFile(packed, "w", random.choice(methods)) as archive:
        for name, inner in members:
            archive.writestr(name, inner)
    return packed.getvalue()


SIZES = ("", "0,", "2,", "-1, 24, 3", "2, 24, 3", "10**15,", f"{10**15}, 24, 3", f"{10**30},", "1.5,")
KINDS = ("[('x', '<f8')]", *map(repr, ["|O", "<U3", "|V9", "|b1", "<c16", "<M8[s]", ">i8", "<f2", "|S0"]))
EXTREMES = (math.nan, math.inf, -math.inf, 1e300, 1e-300, 1e160, -1e160, 5e-324, 0.0, 1e9)


def npy_of(random: Random, content: bytes) -> bytes:
    """The header of a NumPy file, rewritten; its numbers, replaced; or its bytes."""
    head, brace, rest = content.partition(b"{")
    header, end, numbers = rest.partition(b"}")
    choice = random.randrange(4)
    if not end or choice == 0:
        return bytes_of(random, content)
    if choice < 3:
        spoilt = bytearray(numbers)
        for _ in range(random.choice((1, 3, 400))):
            at = random.randrange(0, max(1, len(spoilt) - 8), 8)
            spoilt[at + len(spoilt) % 8 : at + len(spoilt) % 8 + 8] = struct.pack(
                "<d", random.choice(EXTREMES)
            )
        return head + brace + header + end + bytes(spoilt)
    order = random.choice(("True", "False", "1"))
    kind, sizes = random.choice(KINDS), random.choice(SIZES)
    text = f"{{'descr': {kind}, 'fortran_order': {order}, 'shape': ({sizes}), }}"
    return head + text.encode().ljust(len(header) + 2) + numbers


CODES = [opcode.code.encode("latin1") for opcode in pickletools.opcodes]
GLOBALS = ("numpy\ndtype", "numpy\nndarray", "_codecs\nencode", "os\nsystem", "copyreg\n_reconstructor")
CALLS = ("", "}b", ")R", "(tR")


def pickle_of(random: Random, content: bytes) -> bytes:
    """Instructions of a pickle, inserted, left out, doubled, or moved."""
    try:
        places = [place for _, _, place in pickletools.genops(content) if place is not None]
    except Exception:
        return bytes_of(random, content)
    if random.random() < 0.2:
        return bytes_of(random, content)
    places.append(len(content))
    parts = [content[start:end] for start, end in pairwise(places)]
    for _ in range(random.randint(1, 4)):
        at, other = random.randrange(len(parts) + 1), random.randrange(len(parts))
        match random.randrange(5):
            case 0:
                parts.insert(at, random.choice(CODES))
            case 1 if len(parts) > 1:
                del parts[min(at, len(parts) - 1)]
            case 2:
                parts.insert(at, parts[other])
            case 3:
                value = random.choice((*VALUES, (), ((),), b"", 10**400, [0] * 50, {(): 1}))
                inner = pickle.dumps(value, random.randrange(5))
                parts.insert(at, inner[2:-1] if inner[:1] == b"\x80" else inner[:-1])
            case _:
                parts.insert(at, f"c{random.choice(GLOBALS)}\n{random.choice(CALLS)}".encode())
    return b"".join(parts)
