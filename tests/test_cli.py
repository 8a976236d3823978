"""``kinetone`` as a shell calls it."""

import os
import signal
import subprocess
import sys
import time
import wave
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from kinetone.core import cli
from kinetone.core.sidecar import read_sidecar
from processes import seconds_until_gone


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
    assert printed.out.startswith(f"{out}: 3.00 s, seed 7, hits ")
    assert "kinematic beats, shifted " in printed.out
    assert printed.err == "", "no progress where nobody watches"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dance.npz", "out.json", "out.wav"]


def test_takes_are_numbered(dance, tiny_checkpoint, tmp_path):
    arguments = ("--checkpoint", tiny_checkpoint, "--takes", 2, "--greedy")
    assert run("generate", dance, "-o", tmp_path / "out.wav", *arguments) == 0
    made = {path.name for path in tmp_path.iterdir()} - {"dance.npz"}
    assert made == {"out-1.wav", "out-1.json", "out-2.wav", "out-2.json"}


def test_two_dancers_share_flac_music_with_every_option(dance, tiny_checkpoint, tmp_path, sample_dance):
    np.savez(tmp_path / "partner.npz", joints=sample_dance[::-1], fps=60.0)
    options = ("--energy", 1.5, "--tempo", 110, "--genre", "salsa", "--genre-strength", 2, "--temperature", 1)
    arguments = (dance, tmp_path / "partner.npz", "-o", tmp_path / "out.flac", *options)
    assert run("generate", *arguments, "--checkpoint", tiny_checkpoint) == 0
    assert soundfile.info(tmp_path / "out.flac").frames == 72_000
    kept = read_sidecar(tmp_path / "out.json")
    assert kept.about == {"dances": ["dance.npz", "partner.npz"]}
    wanted = {"energy": 1.5, "tempo_bpm": 110, "genre_strength": 2, "temperature": 1, "dancers": 2}
    assert {name: kept.parameters[name] for name in wanted} == wanted


@pytest.fixture
def music(dance, tiny_checkpoint, tmp_path):
    """Music that is there: its sidecar."""
    arguments = ("-o", tmp_path / "out.wav", "--checkpoint", tiny_checkpoint, "--seed", 5)
    assert run("generate", dance, *arguments) == 0
    return tmp_path / "out.json"


def test_a_part_is_made_anew(dance, music, tiny_checkpoint, tmp_path, capsys):
    arguments = ("--music", music, "--from", 1, "--to", "1.5", "-o", tmp_path / "new.wav", "--seed", 6)
    assert run("regenerate", dance, *arguments, "--checkpoint", tiny_checkpoint) == 0
    assert "new.wav: 3.00 s, seed 6" in capsys.readouterr().out
    before, after = (soundfile.read(tmp_path / name, dtype="int16")[0] for name in ("out.wav", "new.wav"))
    assert np.array_equal(before[:24_000], after[:24_000])
    assert not np.array_equal(before[24_000:36_000], after[24_000:36_000])


def test_the_same_music_is_made_again_without_its_dance(dance, music, tiny_checkpoint, tmp_path, capsys):
    dance.unlink()
    assert run("again", music, "-o", tmp_path / "again.wav", "--checkpoint", tiny_checkpoint) == 0
    assert "again.wav: 3.00 s, seed 5" in capsys.readouterr().out
    assert (tmp_path / "again.wav").read_bytes() == (tmp_path / "out.wav").read_bytes()


def test_a_gpu_that_is_not_there_is_told(dance, music, tiny_checkpoint, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    arguments = ("--checkpoint", tiny_checkpoint, "--device", "gpu")
    assert run("generate", dance, "-o", tmp_path / "gpu.wav", "--seed", 5, *arguments) == 0
    assert capsys.readouterr().err.startswith("kinetone: The music was made on the processor, as ")
    assert run("again", music, "-o", tmp_path / "again.wav", *arguments) == 0
    assert "on the processor" in capsys.readouterr().err
    made = {(tmp_path / name).read_bytes() for name in ("out.wav", "gpu.wav", "again.wav")}
    assert len(made) == 1


def test_a_sidecar_that_is_there_is_not_replaced_either(dance, tiny_checkpoint, tmp_path, capsys):
    (tmp_path / "out.json").write_text("notes")
    assert run("generate", dance, "-o", tmp_path / "out.wav", "--checkpoint", tiny_checkpoint) == 1
    assert "out.json" in capsys.readouterr().err
    assert (tmp_path / "out.json").read_text() == "notes"


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
        (["generate", "{dance}", "-o", "out.mp3"], 2, ".wav or .flac"),
        (["generate", "{dance}", "-o", "out.wav", "--takes", "9"], 2, "from 1 to 8"),
        (["generate", "{dance}", "-o", "out.wav", "--device", "tpu"], 2, "invalid choice"),
        (["generate", "{dance}", "-o", "out.wav", "--energy", "3"], 2, "from 0.25 to 2"),
        (["generate", "{dance}", "-o", "out.wav", "--tempo", "fast"], 2, "from 30 to 300"),
        (["generate", "{dance}", "-o", "out.wav", "--genre-strength", "-1"], 2, "not a number from 0"),
        (["generate", *["{dance}"] * 9, "-o", "out.wav"], 2, "8 dancers"),
        (["again", "no.json", "-o", "out.wav"], 1, "no.json does not exist"),
        (["again", "{dance}", "-o", "out.wav"], 1, "no sidecar"),
        (
            ["regenerate", "{dance}", "--music", "no.json", "--from", "1", "--to", "2", "-o", "out.wav"],
            1,
            "no.json does not exist",
        ),
        (["regenerate", "{dance}", "--from", "1", "--to", "2", "-o", "out.wav"], 2, "--music"),
        (
            ["regenerate", "{dance}", "--music", "a.json", "--from", "x", "--to", "2", "-o", "out.wav"],
            2,
            "--from",
        ),
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


POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")


@contextmanager
def command(folder, *arguments, before="pass", **options):
    """The command in a process and a folder of its own."""
    # A test run in a shell's background is deaf to Ctrl-C, one under nohup to SIGHUP, and so would be what
    # they start.
    listen = "signal.signal(signal.SIGINT, signal.default_int_handler)"
    if hasattr(signal, "SIGHUP"):
        listen += "; signal.signal(signal.SIGHUP, signal.SIG_DFL)"
    program = (
        f"import os, signal, sys; {listen}; {before}; from kinetone.core.cli import main; sys.exit(main())"
    )
    (folder / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(folder / "tmp"), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=folder,
        env=environment,
        start_new_session=True,
        **options,
    ) as process:
        yield process


def children(pid):
    """The processes that one has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


def until_writing(folder, process):
    while not (folder / ".out.wav.part").exists():
        assert process.poll() is None
        time.sleep(0.05)


ENDS = [("SIGINT", 130, "group"), ("SIGTERM", 143, "alone"), ("SIGHUP", 129, "group")]


@POSIX
@pytest.mark.parametrize(("name", "code", "whom"), ENDS)
def test_a_signal_ends_it_and_leaves_nothing(long_dance, tiny_checkpoint, tmp_path, name, code, whom):
    np.savez(tmp_path / "dance.npz", joints=long_dance, fps=60.0)
    arguments = ["generate", "dance.npz", "-o", "out.wav", "--checkpoint", tiny_checkpoint]
    with command(tmp_path, *arguments, stderr=subprocess.PIPE) as process:
        until_writing(tmp_path, process)
        engines = children(process.pid)
        (os.killpg if whom == "group" else os.kill)(process.pid, getattr(signal, name))
        assert process.wait(10) == code
        said = process.stderr.read()
        assert b"cancelled" in said
        assert b"Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dance.npz", "tmp"]
    assert list((tmp_path / "tmp").iterdir()) == []
    for engine in engines:
        seconds_until_gone(engine)


@POSIX
def test_a_signal_that_nohup_ignores_does_not_end_it(dance, tiny_checkpoint, tmp_path):
    arguments = ["generate", dance, "-o", "out.wav", "--checkpoint", tiny_checkpoint]
    before = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    with command(tmp_path, *arguments, before=before, stdout=subprocess.DEVNULL) as process:
        while not children(process.pid):
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGHUP)
        assert process.wait(60) == 0
    assert duration_s(tmp_path / "out.wav") == 3.0


@POSIX
def test_killed_itself_its_engine_goes_and_takes_its_half_written_music_along(
    long_dance, tiny_checkpoint, tmp_path
):
    np.savez(tmp_path / "dance.npz", joints=long_dance, fps=60.0)
    arguments = ["generate", "dance.npz", "-o", "out.wav", "--checkpoint", tiny_checkpoint]
    with command(tmp_path, *arguments) as process:
        until_writing(tmp_path, process)
        engines = children(process.pid)
        process.kill()
        for engine in engines:
            seconds_until_gone(engine)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dance.npz", "tmp"]


@POSIX
def test_nobody_reads_what_it_prints(dance, tiny_checkpoint, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    arguments = ["generate", dance, "-o", "out.wav", "--checkpoint", tiny_checkpoint]
    with command(tmp_path, *arguments, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        assert process.stderr.read() == b""
        assert process.wait() == 141
    assert duration_s(tmp_path / "out.wav") == 3.0


@POSIX
def test_all_standard_streams_are_closed(dance, tiny_checkpoint, tmp_path):
    arguments = ["generate", dance, "-o", "out.wav", "--checkpoint", tiny_checkpoint]
    before = "[os.close(each) for each in range(3)]; sys.stdin = sys.stdout = sys.stderr = None"
    with command(tmp_path, *arguments, before=before) as process:
        assert process.wait() == 0
    assert duration_s(tmp_path / "out.wav") == 3.0


@POSIX
def test_no_room_for_the_motion_is_explained(dance, tiny_checkpoint, tmp_path):
    before = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    arguments = ["generate", "dance.npz", "-o", "out.wav", "--checkpoint", tiny_checkpoint]
    with command(tmp_path, *arguments, before=before, stderr=subprocess.PIPE) as process:
        said = process.stderr.read()
        assert process.wait() == 1
    assert b"TMPDIR" in said
    assert b"Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dance.npz", "tmp"]
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_a_run_tells_of_short_memory_is_shown(dance, tiny_checkpoint, tmp_path, capsys, monkeypatch):
    made = {"files": [], "kinematic_beats_s": [], "timings": {}, "notes": ["Memory was short."]}
    monkeypatch.setattr(cli.EngineClient, "call", lambda *_: made)
    assert run("generate", dance, "-o", tmp_path / "out.wav", "--checkpoint", tiny_checkpoint) == 0
    assert capsys.readouterr().err == "kinetone: Memory was short.\n"
