"""Scrubbing with sound and playback in step with it; the user's own settings come back when asked."""

from __future__ import annotations

from typing import Any


def follow(scene: Any) -> None:
    """Switch both on, unless the user does not want them; what was set before is remembered."""
    settings = scene.kinetone
    if not settings.sync_playback:
        return
    if not settings.earlier_sync:
        settings.earlier_sync = scene.sync_mode
        settings.earlier_scrub = scene.use_audio_scrub
    scene.use_audio_scrub = True
    scene.sync_mode = "AUDIO_SYNC"


def restore(scene: Any) -> bool:
    """Bring back what the user had set; whether there was anything to bring back."""
    settings = scene.kinetone
    if not settings.earlier_sync:
        return False
    known = scene.bl_rna.properties["sync_mode"].enum_items.keys()
    if settings.earlier_sync in known:
        scene.sync_mode = settings.earlier_sync
    scene.use_audio_scrub = settings.earlier_scrub
    settings.earlier_sync = ""
    return True
