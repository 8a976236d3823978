"""The Kinetone tab of the 3D view's sidebar, a file for each subject. Only draws."""

from . import advanced, dancers, joints, main, output, sound, status_bar, takes

MODULES = (main, takes, sound, output, advanced, dancers, joints, status_bar)
"""In the order in which the sidebar shows them; a panel comes before those inside it."""


def register() -> None:
    """Register every panel."""
    for module in MODULES:
        module.register()


def unregister() -> None:
    """Take every panel back."""
    for module in reversed(MODULES):
        module.unregister()
