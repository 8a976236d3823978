"""Install Engine, as a script calls it: from a folder of tiny wheels, without a network."""

import bpy
import pytest
from conftest import preferences
from wheels import write_wheels


@pytest.fixture
def installing(addon, monkeypatch):
    """The installer, with no engine named elsewhere; what it made is removed."""
    monkeypatch.delenv("KINETONE_ENGINE_PYTHON")
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
    (tmp_path / "wheels" / "soundfile-0.14.0-py3-none-any.whl").unlink()
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


def test_the_network_is_not_used_without_leave(installing, monkeypatch):
    monkeypatch.delenv("KINETONE_ENGINE_WHEELS", raising=False)
    assert not bpy.app.online_access
    with pytest.raises(RuntimeError, match="Allow Online Access"):
        bpy.ops.kinetone.install_engine()
    assert not installing.engine_folder().exists()


def test_the_chosen_build_is_installed(installing, addon):
    builds = addon("blender_addon.engine_environment").builds()
    try:
        for build in builds:
            preferences().engine_build = build.key
            assert addon("blender_addon.preferences").engine_build() is build
    finally:
        preferences().engine_build = "AUTO"


def test_nothing_to_cancel(installing):
    assert not bpy.ops.kinetone.cancel_install.poll()
