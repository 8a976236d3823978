"""Kinetone's version, as the engine says it in its greeting; a test compares it with the packaging files."""

VERSION = "0.1.0"
