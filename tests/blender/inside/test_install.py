"""Install Engine, as a script calls it: from a folder of tiny wheels, without a network."""

import os
import subprocess
import sys

import bpy
import pytest
from conftest import preferences
from wheels import write_wheels


@pytest.fixture
def installing(addon, monkeypatch, tmp_path):
    """The installer, with no engine named elsewhere; what it made is removed."""
    monkeypatch.delenv("KINETONE_ENGINE_PYTHON")
    monkeypatch.setattr(addon("blender_addon.engine_installation"), "LOCKS", tmp_path / "wheels" / "locks")
    module = addon("blender_addon.installing")
    yield module
    module.uninstall()


def test_install_and_uninstall(installing, addon, monkeypatch, tmp_path):
    settings = addon("blender_addon.preferences")
    assert settings.engine_line() == (False, "Kinetone's engine is not installed yet.")
    monkeypatch.setenv("KINETONE_ENGINE_WHEELS", str(write_wheels(tmp_path / "wheels", broken=("torch",))))
    with pytest.raises(RuntimeError, match="does not load"):
        bpy.ops.kinetone.install_engine()
    assert installing.status.failed
    assert not installing.status.running

    write_wheels(tmp_path / "wheels", left_out=("soundfile",))
    with pytest.raises(RuntimeError, match="soundfile"):
        bpy.ops.kinetone.install_engine()
    assert settings.engine_line() == (False, "The engine is installed only in part")

    write_wheels(tmp_path / "wheels")
    assert bpy.ops.kinetone.install_engine() == {"FINISHED"}
    assert installing.engine_folder().is_relative_to(bpy.utils.user_resource("EXTENSIONS"))
    assert settings.engine_python() == installing.installed_python()
    ready, line = settings.engine_line()
    assert ready
    assert "PyTorch 2.11.0" in line
    assert bpy.ops.kinetone.open_install_log.poll()

    preferences().engine_python = "/somewhere/else"
    assert str(settings.named_python()) == "/somewhere/else"  # the user's word counts for more
    preferences().engine_python = ""
    assert bpy.ops.kinetone.uninstall_engine() == {"FINISHED"}
    assert not installing.engine_folder().exists()
    assert settings.engine_line()[0] is False


@pytest.fixture
def processes(monkeypatch):
    """The commands of all processes that are started from here on, each of which fails."""
    started = []

    def refuse(command, *_, **__):
        started.append(command)
        raise OSError("no processes in this test")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    return started


@pytest.mark.parametrize("index", [None, "https://example.org/simple"])
def test_the_network_is_not_used_without_leave(installing, monkeypatch, processes, index):
    """Neither PyPI nor a mirror; with leave, the installer begins with its first process."""
    monkeypatch.delenv("KINETONE_ENGINE_WHEELS", raising=False)
    if index is not None:
        monkeypatch.setenv("KINETONE_ENGINE_INDEX", index)
    assert not bpy.app.online_access
    with pytest.raises(RuntimeError, match="Allow Online Access"):
        bpy.ops.kinetone.install_engine()
    assert "Allow Online Access" in installing.offline_reason()
    assert processes == []
    assert not installing.engine_folder().exists()
    bpy.context.preferences.system.use_online_access = True
    try:
        assert bpy.app.online_access
        assert installing.offline_reason() == ""
        with pytest.raises(RuntimeError, match="None of the Pythons"):
            bpy.ops.kinetone.install_engine()
    finally:
        bpy.context.preferences.system.use_online_access = False
    assert processes


def test_generating_without_an_engine_does_not_fetch_one(installing, dancer, processes):
    bpy.context.preferences.system.use_online_access = True
    try:
        with pytest.raises(RuntimeError, match="Install"):
            bpy.ops.kinetone.generate()
    finally:
        bpy.context.preferences.system.use_online_access = False
    assert processes == []
    assert not installing.engine_folder().exists()


def test_the_chosen_build_is_installed(installing, addon):
    builds = addon("blender_addon.engine_environment").builds()
    try:
        for build in builds:
            preferences().engine_build = build.key
            assert addon("blender_addon.preferences").engine_build() is build
    finally:
        preferences().engine_build = "AUTO"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the driver's tool")
def test_libraries_for_graphics_cards_are_fetched_only_for_who_computes_on_one(installing, addon, tmp_path):
    """Gigabytes; here is a driver that reports a card."""
    environment = addon("blender_addon.engine_environment")
    chosen = addon("blender_addon.preferences").engine_build
    assert chosen() is environment.builds()[0]
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 580.65.06, 8.9\n")
    tool.chmod(0o755)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        assert chosen() is environment.builds()[0]
        try:
            preferences().device = "GPU"
            assert chosen().key == ("APPLE" if sys.platform == "darwin" else "CUDA")
        finally:
            preferences().device = "CPU"


def test_nothing_to_cancel(installing):
    assert not bpy.ops.kinetone.cancel_install.poll()
