"""The tests in inside/ need Blender's bpy; the main test run hands them to its interpreters."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("bpy") else ["inside"]
