"""A click whose job the test drives step by step, and what must hold whatever has happened meanwhile."""

import os
import time
import wave
from functools import partial
from pathlib import Path

import bpy
from conftest import music_files, state, strips
from standin import STAGES

EVERYTHING = bool(os.environ.get("KINETONE_EVERY_STAGE"))
"""Whether there is time for everything in every Blender."""

FRAMES = 60
"""Motion frames of the dance."""

EARLY, READING, COMPOSING, WRITING, PLACING = "early", "reading", *STAGES
EVERY = (EARLY, READING, COMPOSING, WRITING, PLACING)


def stages(*few):
    """All of them in `make test-soak`, else these."""
    return EVERY if EVERYTHING else few


class Click:
    """A click on Generate Music whose timer the test drives, so that anything can happen in between."""

    def __init__(self, addon, engine, folder):
        self.jobs, self.engine, self.folder, self.addon = addon("blender_addon.jobs"), engine, folder, addon
        self.client = lambda: addon("blender_addon.engine")._client

    def generation(self):
        """What a click on Generate Music starts."""
        request = self.addon("blender_addon.request").build_request(bpy.context)
        return partial(self.addon("blender_addon.generation").Generation, request)

    def start(self, stage, make_job=None):
        """Click, and go on until the job is in that stage."""
        if stage in STAGES:
            self.engine.stop_in(stage)
        self.jobs.start(make_job or self.generation())
        status = self.jobs.status
        reached = {EARLY: self.client, READING: lambda: status.fraction > 0.01}
        self.drive(reached.get(stage, lambda: status.stage == stage))
        assert status.running, status.message

    def drive(self, until=lambda: False, seconds=60):
        end = time.monotonic() + seconds
        while self.jobs.status.running and not until():
            self.jobs._tick()
            time.sleep(0.002)
            assert time.monotonic() < end, "the job hangs"

    def finish(self):
        """Let the job come to its end; returns what the panel says."""
        self.engine.go_on()
        self.drive()
        return self.jobs.status.message

    def pid(self):
        """The engine's process, once it has said hello."""
        end = time.monotonic() + 20
        while self.client().hello is None:
            self.client().wait(0.01)
            self.client()._update()
            assert time.monotonic() < end
        return self.client().hello.pid


def dancer():
    return next(obj for obj in bpy.data.objects if obj.type == "ARMATURE")


def everything():
    """What must be as before after a failure: what the user sees, and how much there is of everything."""
    scene = bpy.context.scene
    counts = {
        name: len(getattr(bpy.data, name))
        for name in ("actions", "armatures", "objects", "scenes", "sounds", "texts", "worlds")
    }
    render = scene.render
    times = render.fps, render.fps_base, scene.frame_start, scene.frame_end, len(scene.timeline_markers)
    return state(scene), counts, times


def settled(folder):
    """Nothing is left behind, whatever has happened; every file is whole."""
    assert not list(folder.rglob("*.part"))
    assert not list(Path(bpy.app.tempdir).glob("kinetone-*"))
    assert all(sound.users for sound in bpy.data.sounds)
    for path in music_files(folder):
        with wave.open(str(path)) as file:
            assert file.getnframes() == FRAMES * 400
        assert path.with_suffix(".json").exists()


def next_click_works(click):
    assert click.jobs._job is None
    click.start(EARLY)
    click.finish()
    assert not click.jobs.status.failed, click.jobs.status.message
    (strip,) = strips(bpy.context.scene)
    assert Path(bpy.path.abspath(strip.sound.filepath)).is_file()
    settled(click.folder)


def wait_until_gone(pid):
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < end, "the engine still runs"
        time.sleep(0.01)
