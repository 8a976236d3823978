"""Operators, one a file."""

from . import cancel, generate, joints

MODULES = (generate, cancel, joints)


def register() -> None:
    """Register every operator."""
    for module in MODULES:
        module.register()


def unregister() -> None:
    """Take every operator back."""
    for module in reversed(MODULES):
        module.unregister()
