"""Blender's window as a user has it: the mouse, the keys, what can be seen. Runs inside Blender.

Blender draws and reads the mouse only between two calls of a timer. So whatever takes time here is a
generator, and every ``yield SECONDS`` hands control back to Blender for that long.
"""

import argparse
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path

import bpy


class Window:
    """The first window, its 3D viewport, and the sidebar in it.

    Args:
        shots: folder for screenshots.
    """

    def __init__(self, shots):
        bpy.context.preferences.view.show_splash = False  # it would cover the window
        bpy.context.preferences.system.viewport_aa = "OFF"  # without a graphics card, every redraw takes long
        self.shots = Path(shots)
        self.clicked_y = None
        self.acted_at_s = 0.0

    @property
    def window(self):
        return bpy.context.window_manager.windows[0]

    @property
    def area(self):
        return next(area for area in self.window.screen.areas if area.type == "VIEW_3D")

    @property
    def sidebar(self):
        return next(region for region in self.area.regions if region.type == "UI")

    def show_sidebar(self, tab):
        """Open the sidebar, wide enough to read, at a tab."""
        self.area.spaces.active.show_region_ui = True
        self.redraw()
        yield 1.0  # the tabs exist only once the region has been drawn
        self.sidebar.active_panel_category = tab
        self.redraw()
        yield 0.5

    def redraw(self):
        for area in self.window.screen.areas:
            area.tag_redraw()

    def screenshot(self, name):
        """Save what the screen shows."""
        self.shots.mkdir(parents=True, exist_ok=True)
        # ImageMagick's: Blender's own are black where a program takes the graphics card's place.
        subprocess.run(["import", "-window", "root", self.shots / f"{name}.png"], check=True)

    def point(self, x, y):
        """Move the mouse to Blender's x, y, counted from the window's lower left corner."""
        xdotool("mousemove", int(x), int(self.window.height - 1 - y))

    def point_at_view(self):
        """Move the mouse into the viewport, where keys mean undo and redo."""
        self.point(self.area.x + self.area.width * 0.3, self.area.y + self.area.height * 0.5)

    def press(self, keys):
        """Press keys over the viewport, such as ctrl+z."""
        self.point_at_view()
        yield 0.3
        self.act("key", keys)
        yield 0.02

    def act(self, *words):
        """Click, or press a key, and note when."""
        self.acted_at_s = time.monotonic()
        xdotool(*words)

    def click(self, call, across=0.4, near=False):
        """Find the button that makes this Python call, and click it.

        Python cannot ask where a button is: so the mouse walks down the sidebar, in steps of half a
        row, until the button under it is the one.

        Args:
            call: its beginning, such as "bpy.ops.kinetone.generate(".
            across: how far to the right of the sidebar's left edge to look, 0 to 1.
            near: begin a little above where the last click was, instead of at the top.
        """
        row = 20 * bpy.context.preferences.system.ui_scale
        region = self.sidebar
        x, y = region.x + region.width * across, region.y + region.height - row
        if near:
            y = min(y, self.clicked_y + 3 * row)
        while y > region.y:
            self.point(x, y)
            yield 0.08
            found = self._call_under_mouse().startswith(call)
            if found:  # a busy machine may speak of where the mouse was before
                yield 0.4
                found = self._call_under_mouse().startswith(call)
            if found:
                self.act("click", 1)
                self.clicked_y = y
                yield 0.02
                return
            y -= row / 2
        self.screenshot("button not found")
        raise LookupError(f"no button calls {call}…")

    def _call_under_mouse(self):
        manager = bpy.context.window_manager
        manager.clipboard = ""
        with bpy.context.temp_override(window=self.window, area=self.area, region=self.sidebar):
            try:
                bpy.ops.ui.copy_python_command_button()
            except RuntimeError:  # no button there, or not one of an operator
                return ""
        return manager.clipboard


def options(*more):
    """What test_*.py tells the script on its command line."""
    parser = argparse.ArgumentParser()
    for name in ("extension", "engine-python", "dance", "folder", *more):
        parser.add_argument(f"--{name}", type=Path, required=True)
    return parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])


def prepare(given, window):
    """Install the extension, and save a scene with a dancer."""
    bpy.ops.extensions.package_install_files(
        filepath=str(given.extension), repo="user_default", enable_on_install=True
    )
    package = "bl_ext.user_default.kinetone"
    bpy.context.preferences.addons[package].preferences.engine_python = str(given.engine_python)
    bpy.ops.object.select_all(action="SELECT")
    bpy.ops.object.delete()
    bpy.ops.import_anim.bvh(filepath=str(given.dance), global_scale=0.01, use_fps_scale=True)
    dancer = bpy.context.object
    bpy.context.scene.frame_end = int(dancer.animation_data.action.frame_range[1])
    bpy.ops.wm.save_as_mainfile(filepath=str(given.folder / "dance.blend"))
    yield from window.show_sidebar("Kinetone")
    yield 1.0
    window.screenshot("1 before")


def strips():
    editor = bpy.context.scene.sequence_editor
    if editor is None:
        return []
    return list(editor.strips if hasattr(editor, "strips") else editor.sequences)


def xdotool(*words):
    subprocess.run(["xdotool", *map(str, words)], check=True)


def until(condition, seconds, what):
    """Let Blender go on until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{seconds} s passed without {what}")
        yield 0.02


def drive(steps, window):
    """Advance the generator from a timer; at its end quit Blender, with exit code 1 if it failed."""

    def tick():
        try:
            return next(steps)
        except StopIteration:
            code = 0
        except Exception:
            traceback.print_exc()
            window.screenshot("failed")
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # quitting by its operator, Blender could only say 0

    bpy.app.timers.register(tick, first_interval=1.5, persistent=True)
