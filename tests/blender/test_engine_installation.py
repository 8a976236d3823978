"""The engine's environment: made, cancelled, completed, repaired and removed, from tiny wheels."""

import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kinetone.blender_addon import engine_environment as environment
from kinetone.blender_addon import engine_installation
from kinetone.blender_addon.engine_environment import Build, Source, State, environment_python
from kinetone.blender_addon.engine_installation import Installation
from kinetone.core.errors import Cancelled, EngineError
from wheels import tamper, write_wheels

BUILD = Build("CPU", "Processor only", None, download_mb=1, disk_mb=1)

posix_only = pytest.mark.skipif(os.name != "posix", reason="stands in for programs by shell scripts")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the engine goes; the installer knows the hashes of the wheels that write_wheels makes."""
    monkeypatch.setattr(engine_installation, "LOCKS", tmp_path / "wheels" / "locks")
    return tmp_path / "mit Leerzeichen и кириллицей 踊り" / "engine"


def installation(folder, wheels, pythons=(Path(sys.executable),), build=BUILD):
    return Installation(folder, build, Source(wheels), pythons, folder.with_name("install.log"))


def run(installation):
    """Drive it to its end; the stages and fractions seen."""
    seen = []
    while installation.step():
        seen.append((installation.stage, installation.fraction))
        time.sleep(0.01)
    return [*seen, (installation.stage, installation.fraction)]


def script(path, *lines):
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_whole_life(folder, tmp_path):
    """Missing package, completed, outdated, brought up to date, removed."""
    assert environment.environment_state(folder) is State.MISSING
    wheels = write_wheels(tmp_path / "wheels", left_out=("soundfile",))
    with pytest.raises(EngineError, match="soundfile") as error:
        run(installation(folder, wheels))
    assert error.value.code == "engine.no_package"
    assert environment.environment_state(folder) is State.UNFINISHED

    kept = folder / "kept"
    kept.touch()
    seen = run(installation(folder, write_wheels(wheels)))
    assert kept.exists()  # completed, not made anew
    assert environment.environment_state(folder) is State.READY
    assert environment.read_record(folder)["torch"] == "2.11.0"
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)
    assert seen[-1] == ("Checking", 1.0)
    assert "soundfile-0.14.0" in folder.with_name("install.log").read_text(encoding="utf-8")
    says = subprocess.run(
        [environment_python(folder), "-c", "import torch; print(torch.__version__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert says.stdout.strip() == "2.11.0"

    record = folder / environment.RECORD
    record.write_text(record.read_text().replace("2.11.0", "2.10.0"))
    assert environment.environment_state(folder) is State.OUTDATED
    run(installation(folder, wheels))
    assert environment.environment_state(folder) is State.READY

    environment.remove(folder)
    assert environment.environment_state(folder) is State.MISSING
    assert [path.name for path in folder.parent.iterdir()] == ["install.log"]


def test_an_environment_whose_python_has_gone_is_made_anew(folder, tmp_path):
    environment_python(folder).parent.mkdir(parents=True)
    environment_python(folder).write_text("no program")
    (folder / environment.RECORD).write_text("{}")
    run(installation(folder, write_wheels(tmp_path / "wheels")))
    assert environment.environment_state(folder) is State.READY


def test_packages_that_do_not_load_are_told(folder, tmp_path):
    with pytest.raises(EngineError, match="no torchaudio") as error:
        run(installation(folder, write_wheels(tmp_path / "wheels", broken=("torchaudio",))))
    assert error.value.code == "engine.install_failed"
    assert environment.environment_state(folder) is State.MISSING  # completing it would not help


ELSEWHERE = Build("CPU", "Processor only", "https://example.org/cpu", download_mb=1, disk_mb=1)
"""A build of PyTorch that is not on PyPI."""


@pytest.mark.parametrize(("build", "name"), [(BUILD, "torch"), (ELSEWHERE, "numpy")])
def test_a_wheel_that_differs_by_a_comment_is_refused(folder, tmp_path, build, name):
    wheels = write_wheels(tmp_path / "wheels")
    (wheel,) = wheels.glob(f"{name}-*.whl")
    original = wheel.read_bytes()
    tamper(wheel)
    with pytest.raises(EngineError, match=rf"{name}==.* from .*SHA-256 differs") as error:
        run(installation(folder, wheels, build=build))
    assert error.value.code == "engine.tampered"
    assert str(folder.with_name("install.log")) in error.value.hint
    assert environment.environment_state(folder) is State.UNFINISHED
    assert not list(folder.glob("lib/python*/site-packages/numpy*"))
    assert not list(folder.glob("lib/python*/site-packages/torch*"))
    wheel.write_bytes(original)
    run(installation(folder, wheels, build=build))
    assert environment.environment_state(folder) is State.READY


def test_everything_that_comes_from_pypi_is_pinned_by_hash():
    pins = set(environment.requirements())
    assert len(locked("pip")) == 1
    assert pins <= locked("with_torch")
    assert locked("without_torch") <= locked("with_torch")
    assert pins - locked("without_torch") == {pin for pin in pins if pin.startswith("torch")}


def locked(name):
    """The pins of a lock, each of which has hashes."""
    text = (environment.LOCKS / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", "")
    entries = [line for line in text.splitlines() if not line.startswith("#")]
    for entry in entries:
        assert re.fullmatch(r"\S+==\S+( ; [^-]+)?( +--hash=sha256:[0-9a-f]{64})+ *", entry)
    return {entry.split()[0] for entry in entries}


@posix_only
def test_cancel_ends_the_process_and_its_children(folder, tmp_path):
    pids = tmp_path / "pids"
    python = script(tmp_path / "python", "sleep 600 &", f"echo $$ $! > '{pids}.part'",
                    f"mv '{pids}.part' '{pids}'", "wait")  # fmt: skip
    going = installation(folder, write_wheels(tmp_path / "wheels"), [python])
    while not pids.exists():
        assert going.step()
    going.cancel()
    with pytest.raises(Cancelled):
        going.step()
    for pid in map(int, pids.read_text().split()):
        assert gone(pid)
    assert environment.environment_state(folder) is State.MISSING


@posix_only
def test_stopping_ends_the_process_too(folder, tmp_path):
    started = tmp_path / "started"
    python = script(tmp_path / "python", f"echo $$ > '{started}.part'", f"mv '{started}.part' '{started}'",
                    "exec sleep 600")  # fmt: skip
    going = installation(folder, write_wheels(tmp_path / "wheels"), [python])
    while not started.exists():
        assert going.step()
    going.stop()
    assert gone(int(started.read_text()))


def gone(pid):
    """Whether a process has ended; one that was orphaned may wait for the system to notice."""
    for _ in range(200):
        try:
            status = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return True
        if status.rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


@posix_only
def test_a_python_that_cannot_make_it_is_passed_over(folder, tmp_path):
    broken = script(tmp_path / "broken", "echo no venv here; exit 1")
    missing = tmp_path / "missing"
    with pytest.raises(EngineError, match="broken") as error:
        run(installation(folder, write_wheels(tmp_path / "wheels"), [broken, missing]))
    assert error.value.code == "engine.no_python"
    assert "python.org" in error.value.hint
    run(installation(folder, tmp_path / "wheels", [broken, missing, Path(sys.executable)]))
    assert environment.environment_state(folder) is State.READY


def test_what_can_be_refused_is_refused_at_once(folder, tmp_path):
    with pytest.raises(EngineError) as error:
        run(installation(folder, tmp_path / "nowhere"))
    assert error.value.code == "engine.no_wheels"
    huge = Build("CPU", "Processor only", None, download_mb=1, disk_mb=10**9)
    with pytest.raises(EngineError) as error:
        run(installation(folder, write_wheels(tmp_path / "wheels"), build=huge))
    assert error.value.code == "engine.no_space"
    assert not folder.exists()


def test_an_index_out_of_reach_is_told_as_trouble_of_the_network(folder, monkeypatch):
    monkeypatch.setattr(engine_installation, "LOCKS", environment.LOCKS)
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    source = Source(index="http://localhost:9/simple")  # the discard port: nobody listens
    going = Installation(folder, BUILD, source, [Path(sys.executable)], folder.with_name("install.log"))
    with pytest.raises(EngineError) as error:
        run(going)
    assert error.value.code == "engine.no_network"


@posix_only
@pytest.mark.skipif(sys.platform != "linux", reason="the builds differ by system")
@pytest.mark.parametrize(
    ("answer", "build"),
    [
        ("echo 580.65.06, 8.9", "CUDA"),
        ("echo 610.1, 12.0; echo 610.1, 6.1", "CUDA_12"),
        ("echo 535.183.01, 8.6", "CUDA_12"),
        ("echo No devices were found; exit 6", "CPU"),
        ("echo what?", "CPU"),
        ("", "CPU"),
    ],
)
def test_the_build_suits_the_graphics_card(answer, build, tmp_path, monkeypatch):
    script(tmp_path / "nvidia-smi", answer)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment.suitable_build().key == build
    assert environment.chosen_build("CPU", for_gpu=True).key == "CPU"
    assert environment.chosen_build("AUTO", for_gpu=True).key == build
    assert environment.chosen_build("AUTO", for_gpu=False).key == "CPU"


def test_the_source_can_be_named_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv(environment.WHEELS_VARIABLE, raising=False)
    monkeypatch.delenv(environment.INDEX_VARIABLE, raising=False)
    usual = environment.source_from_environment()
    assert usual.pip_options("https://example.org/cpu") == ["--index-url", "https://example.org/cpu"]
    assert usual.pip_options(None) == []
    monkeypatch.setenv(environment.INDEX_VARIABLE, "https://mirror/simple")
    mirror = environment.source_from_environment()
    assert mirror.pip_options("https://example.org/cpu") == ["--index-url", "https://mirror/simple"]
    monkeypatch.setenv(environment.WHEELS_VARIABLE, str(tmp_path))
    local = environment.source_from_environment()
    assert local.pip_options(None) == ["--no-index", "--find-links", str(tmp_path)]
