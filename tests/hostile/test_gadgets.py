"""Pickles that are programs: whatever they ask for, nothing runs, and nothing is left changed."""

import functools
import operator
import os
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest
from bounded import read_alone
from kinetone.core.errors import FileFormatError
from kinetone.core.motion.array_pickle import read_array_pickle

GOOD = {"smpl_poses": np.zeros((2, 72)), "smpl_scaling": np.ones(1)}


class Reduced:
    """Becomes a call when it is pickled."""

    def __init__(self, *parts):
        self.parts = parts

    def __reduce__(self):
        return self.parts


def named(name, arguments="(S'touch ran'\ntR."):
    """A pickle that calls a function of a module, both with dots, in the oldest protocol."""
    module, _, function = name.rpartition(".")
    return f"c{module}\n{function}\n{arguments}".encode()


def stacked(module, name):
    """The same by STACK_GLOBAL, whose name may have dots."""
    text = b"".join(b"\x8c" + bytes([len(each)]) + each.encode() for each in (module, name))
    return b"\x80\x04" + text + b"\x93(tR."


FUNCTIONS = (Path(__file__).parent / "gadgets.txt").read_text().split()
"""What known attacks call, and what NumPy's and Python's own pickles could be turned to."""

STREAMS = {
    "an object's own reduction": pickle.dumps(Reduced(os.system, ("touch ran",))),
    "a process": pickle.dumps(Reduced(subprocess.Popen, (["touch", "ran"],))),
    "a partial function": pickle.dumps(functools.partial(os.system, "touch ran")),
    "a getter of attributes": pickle.dumps(operator.attrgetter("__class__.__mro__")),
    "an array of objects": pickle.dumps(np.array([Reduced(os.system, ("touch ran",))], dtype=object)),
    "a scalar of objects": pickle.dumps(GOOD, 2).replace(b"f8", b"O8"),
    "a pickle in a scalar": b"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'O8'\nI0\nI1\ntRS'"
    + b"cos\\nsystem\\n(S\\'touch ran\\'\\ntR.'\ntR.",
    "fields of objects": b"cnumpy\ndtype\n(S'O'\ntR.",
    "a class by INST": b"(S'touch ran'\nios\nsystem\n.",
    "a class by OBJ": b"(cos\nsystem\nS'touch ran'\no.",
    "a class by NEWOBJ_EX": b"\x80\x04cos\nsystem\n)}\x92.",
    "a known extension": b"\x80\x02\x82\x01.",
    "an extension of two bytes": b"\x80\x02\x83\x01\x00.",
    "an extension of four bytes": b"\x80\x02\x84\x01\x00\x00\x00.",
    "a persistent id": b"Pfile:///etc/passwd\n.",
    "a persistent object": b"\x80\x02U\x01xQ.",
    "a buffer from outside": b"\x80\x05\x97.",
    "a read-only buffer": b"\x80\x05\x97\x98.",
    "a dotted name": stacked("numpy", "dtype.__class__"),
    "globals by a dotted name": stacked("_codecs", "encode.__globals__"),
    "a dotted name of a known function": stacked("numpy.core.multiarray", "_reconstruct.__self__"),
    "an empty module": stacked("", "eval"),
}


def refused(content):
    with pytest.raises(FileFormatError) as caught:
        read_array_pickle("a.pkl", content)
    assert caught.value.hint
    assert len(caught.value.message) < 300
    return caught.value.code


@pytest.fixture(autouse=True)
def _nothing_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_is_called(name):
    assert refused(named(name)) == "motion.unsafe_pickle"


@pytest.mark.parametrize("what", STREAMS)
def test_no_way_of_naming_one_is_known(what):
    assert refused(STREAMS[what]) == "motion.unsafe_pickle"


POISONS = {
    "defaults of a function": b"c_codecs\nencode\n(N}S'__defaults__'\n)stb.",
    "attributes of a function": b"cnumpy.core.multiarray\n_reconstruct\n}S'x'\nI1\nsb.",
    "attributes of a class": b"cnumpy\ndtype\n(N}S'dtype'\nI1\nstb.",
    "state of a class": b"cnumpy\nndarray\n(I1\n(I1\ntNI0\nS'x'\ntb.",
    "state of a text": b"S'x'\n}b.",
    "a call of a number": b"I3\n(tR.",
    "a call of a text": b"S'os.system'\n(S'touch ran'\ntR.",
    "a dictionary called": b"}(tR.",
}


@pytest.mark.parametrize("what", POISONS)
def test_what_answers_a_pickle_cannot_be_changed_by_it(what):
    assert refused(POISONS[what]) == "motion.file_format"
    again = read_array_pickle("good.pkl", pickle.dumps(GOOD, 0))
    assert again["smpl_poses"].shape == (2, 72)
    assert read_array_pickle("short.pkl", b"}S'a'\nc_codecs\nencode\n(Vx\ntRs.") == {}


def doubled(times):
    """A tuple of twice the same tuple of twice the same …: two to the power of ``times`` at the end."""
    steps = b"".join(b"h" + bytes([n]) + b"h" + bytes([n]) + b"\x86q" + bytes([n + 1]) for n in range(times))
    return b")q\x00" + steps


TEXT = b"X" + (1 << 20).to_bytes(4, "little") + b"x" * (1 << 20)
ENCODED = b"c_codecs\nencode\nh\x00\x85R"
BOMBS = {
    "a key that takes for ever to hash": b"\x80\x02}" + doubled(60) + b"K\x01s.",
    "a set of the same": b"\x80\x04\x8f(" + doubled(60) + b"\x90.",
    "a key too deep for the stack": b"\x80\x02})" + b"\x85" * 90_000 + b"K\x01s.",
    "lists in lists": b"\x80\x02" + b"(" * 90_000 + b"l" * 90_000 + b".",
    "millions of sets": b"\x80\x04" + b"\x8f" * (20 << 20) + b".",
    "millions of marks": b"(" * (20 << 20) + b".",
    "a text encoded again and again": b"\x80\x02" + TEXT + b"q\x00" + ENCODED * 120 + b"}.",
    "a text that claims gigabytes": b"\x80\x04\x8d" + (1 << 40).to_bytes(8, "little") + b"x.",
    "bytes that claim gigabytes": b"\x80\x04\x8e" + (1 << 40).to_bytes(8, "little") + b"x.",
    "a byte array that claims gigabytes": b"\x80\x05\x96" + (1 << 35).to_bytes(8, "little") + b"x.",
    "a frame that claims gigabytes": b"\x80\x04\x95" + (1 << 40).to_bytes(8, "little") + b"}.",
    "a memo far away": b"\x80\x02}r\xff\xff\xff\x7f.",
    "a number of a million digits": b"L" + b"9" * (1 << 20) + b"L\n.",
    "a long number as a scaling": b"\x80\x02}U\x0csmpl_scaling\x8b\x00\x10\x00\x00" + b"\x7f" * 4096 + b"s.",
}  # fmt: skip


@pytest.mark.parametrize("what", BOMBS)
def test_small_pickles_take_little_memory_and_time(tmp_path, what):
    (tmp_path / "a.pkl").write_bytes(BOMBS[what])
    end = read_alone("kinetone.core.motion.read:read_motion", tmp_path / "a.pkl")
    assert end.code == "motion.file_format"
    assert end.growth_mb < 100
