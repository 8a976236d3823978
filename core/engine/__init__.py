"""The engine process that has torch, and the client by which Blender and the shell use it."""
