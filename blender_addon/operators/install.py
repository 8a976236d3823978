# mypy: disable-error-code="misc"
"""Install Engine, and what belongs to it: cancel, uninstall, open the log."""

from typing import Any

import bpy

from ...core.errors import Cancelled, EngineError
from .. import installing, preferences
from ..installing import status
from ..status import status as job_status


class _InstallerOperator(bpy.types.Operator):
    bl_options = {"REGISTER", "INTERNAL"}

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Not while the engine is being installed, or is at work."""
        if status.running:
            cls.poll_message_set("The engine is being installed: wait for it, or cancel it")
            return False
        if job_status.running:
            cls.poll_message_set("Music is being generated: wait for it, or cancel it")
            return False
        return True


class KINETONE_OT_install_engine(_InstallerOperator):
    """Download what Kinetone composes with into a folder of its own. \
Blender's own Python stays as it is"""

    bl_idname = "kinetone.install_engine"
    bl_label = "Install Engine"

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask before a big download."""
        if reason := installing.offline_reason():
            self.report({"ERROR"}, reason)
            return {"CANCELLED"}
        build = preferences.engine_build()
        answer: set[str] = context.window_manager.invoke_confirm(
            self,
            event,
            title="Install Kinetone's engine?",
            message=f"{installing.describe(build)}. Blender stays usable meanwhile.",
            confirm_text="Install",
        )
        return answer

    def execute(self, _context: Any) -> set[str]:
        """Start to install and return; without a window, return when all is there."""
        build = preferences.engine_build()
        try:
            if bpy.app.background:
                installing.run(build)
            else:
                installing.start(build)
        except EngineError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        except Cancelled:
            self.report({"WARNING"}, "Cancelled")
            return {"CANCELLED"}
        return {"FINISHED"}


class KINETONE_OT_cancel_install(bpy.types.Operator):
    """Stop installing; what has been downloaded is kept, so that installing again goes on from here"""

    bl_idname = "kinetone.cancel_install"
    bl_label = "Cancel"
    bl_options = {"REGISTER", "INTERNAL"}

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Only while the engine is being installed."""
        if not status.running:
            cls.poll_message_set("The engine is not being installed")
            return False
        return True

    def execute(self, _context: Any) -> set[str]:
        """Ask the installer to stop; it does within a second."""
        installing.cancel()
        return {"FINISHED"}


class KINETONE_OT_uninstall_engine(_InstallerOperator):
    """Delete the engine's folder. Music that was made with it stays"""

    bl_idname = "kinetone.uninstall_engine"
    bl_label = "Uninstall Engine"

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask first: getting it back is a long download."""
        answer: set[str] = context.window_manager.invoke_confirm(
            self, event, title="Uninstall Kinetone's engine?", confirm_text="Uninstall"
        )
        return answer

    def execute(self, _context: Any) -> set[str]:
        """Remove the environment, whole or half-made."""
        try:
            installing.uninstall()
        except EngineError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class KINETONE_OT_open_install_log(bpy.types.Operator):
    """Open the log of the last installation"""

    bl_idname = "kinetone.open_install_log"
    bl_label = "Open Log"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Only if there is one."""
        if not installing.log_path().is_file():
            cls.poll_message_set("The engine has not been installed from here yet")
            return False
        return True

    def execute(self, _context: Any) -> set[str]:
        """Hand the file to the system's text viewer."""
        bpy.ops.wm.path_open(filepath=str(installing.log_path()))
        return {"FINISHED"}


CLASSES = (
    KINETONE_OT_install_engine,
    KINETONE_OT_cancel_install,
    KINETONE_OT_uninstall_engine,
    KINETONE_OT_open_install_log,
)


def register() -> None:
    """Register the operators."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take the operators back."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
