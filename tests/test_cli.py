"""``kinetone`` as a shell calls it."""

import os
import signal
import subprocess
import sys
import time
import wave

import numpy as np
import pytest
from kinetone.core import cli


@pytest.fixture
def dance(tmp_path, sample_dance):
    """A dance in a file."""
    np.savez(tmp_path / "dance.npz", joints=sample_dance, fps=60.0)
    return tmp_path / "dance.npz"


def run(*arguments):
    """Exit code of a command."""
    return cli.main([str(argument) for argument in arguments])


def duration_s(path):
    with wave.open(str(path)) as file:
        return file.getnframes() / file.getframerate()


def test_a_dance_becomes_a_wav(dance, tiny_checkpoint, tmp_path, capsys):
    out = tmp_path / "out.wav"
    assert (
        run("generate", dance, "-o", out, "--checkpoint", tiny_checkpoint, "--seed", 7, "--genre", "house")
        == 0
    )
    assert duration_s(out) == 3.0
    printed = capsys.readouterr()
    assert printed.out == f"{out}: 3.00 s, seed 7\n"
    assert printed.err == "", "no progress where nobody watches"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dance.npz", "out.wav"]


def test_takes_are_numbered(dance, tiny_checkpoint, tmp_path):
    arguments = ("--checkpoint", tiny_checkpoint, "--takes", 2, "--greedy")
    assert run("generate", dance, "-o", tmp_path / "out.wav", *arguments) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dance.npz", "out-1.wav", "out-2.wav"]


def test_info_shows_the_card(tiny_checkpoint, capsys):
    assert run("info", tiny_checkpoint) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert {"name: tiny", "genres: salsa, house", "licence: CC0-1.0", "device: cpu"} <= set(lines)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["generate", "no.bvh", "-o", "out.wav"], 1, "no.bvh does not exist"),
        (["generate", "{dance}", "-o", "no/folder/out.wav"], 1, "folder"),
        (["generate", "{dance}", "-o", "there.wav"], 1, "--force"),
        (["generate", "{dance}", "-o", "out.wav", "--checkpoint", "nowhere"], 1, "no checkpoint in"),
        (
            ["generate", "{dance}", "-o", "out.wav", "--checkpoint", "{tiny}", "--genre", "polka"],
            1,
            "salsa, house",
        ),
        (["info", "nowhere"], 1, "no checkpoint in"),
        (["generate", "{dance}", "-o", "out.mp3"], 2, ".wav"),
        (["generate", "{dance}"], 2, "--output"),
        (["generate", "{dance}", "-o", "out.wav", "--seed", "-1"], 2, "whole number"),
        (["generate", "{dance}", "-o", "out.wav", "--takes", "0"], 2, "whole number"),
        (["generate", "{dance}", "-o", "out.wav", "--top-k", "-1"], 2, "whole number"),
        (["generate", "{dance}", "-o", "out.wav", "--temperature", "nan"], 2, "not a number from 0"),
        (["generate", "{dance}", "-o", "out.wav", "--temperature", "-0.5"], 2, "not a number from 0"),
        (["generate", "{dance}", "-o", "out.wav", "--greedy", "--temperature", "1"], 2, "not allowed with"),
        (["sing"], 2, "invalid choice"),
        ([], 2, "required"),
    ],
)
def test_mistakes_are_explained(dance, tiny_checkpoint, tmp_path, monkeypatch, capsys, arguments, code, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.wav").write_bytes(b"older music")
    arguments = [argument.format(dance=dance, tiny=tiny_checkpoint) for argument in arguments]
    if code == 2:
        with pytest.raises(SystemExit) as caught:
            run(*arguments)
        assert caught.value.code == 2
    else:
        assert run(*arguments) == code
    printed = capsys.readouterr()
    assert says in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dance.npz", "there.wav"]
    assert (tmp_path / "there.wav").read_bytes() == b"older music"


def test_force_replaces(dance, tiny_checkpoint, tmp_path):
    (tmp_path / "out.wav").write_bytes(b"older music")
    assert run("generate", dance, "-o", tmp_path / "out.wav", "--force", "--checkpoint", tiny_checkpoint) == 0
    assert duration_s(tmp_path / "out.wav") == 3.0


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_ctrl_c_stops_within_seconds_and_leaves_nothing(long_dance, tiny_checkpoint, tmp_path):
    np.savez(tmp_path / "dance.npz", joints=long_dance, fps=60.0)
    # A test run in a shell's background is deaf to Ctrl-C, and so would be what it starts.
    listen = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{listen}; from kinetone.core.cli import main; sys.exit(main())"
    arguments = ["generate", "dance.npz", "-o", "out.wav", "--checkpoint", tiny_checkpoint]
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True) as process:
        while not (tmp_path / ".out.wav.part").exists():
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(10) == 130
        assert b"cancelled" in process.stderr.read()
    assert [path.name for path in tmp_path.iterdir()] == ["dance.npz"]
