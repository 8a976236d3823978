"""Fixtures that the tests of training share."""

from mini_aistpp import mini_aistpp

__all__ = ["mini_aistpp"]
