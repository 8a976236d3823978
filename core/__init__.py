"""From a dance's joints to its music.

Free of Blender; torch is imported only by the modules that compute with it.
"""
