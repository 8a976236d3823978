"""A Blender of its own that opens a file and generates, for another to look at. Its argument: the file."""

import sys

import bpy

bpy.ops.preferences.addon_enable(module="bl_pkg")
bpy.ops.preferences.addon_enable(module="bl_ext.user_default.kinetone")
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
bpy.ops.kinetone.generate()
