"""Operators, a file for each subject."""

from . import cancel, dancers, generate, install, joints, realign, regenerate, settings, takes

MODULES = (generate, cancel, install, regenerate, realign, takes, settings, dancers, joints)


def register() -> None:
    """Register every operator."""
    for module in MODULES:
        module.register()


def unregister() -> None:
    """Take every operator back."""
    for module in reversed(MODULES):
        module.unregister()
