"""Waveforms to RVQ codes and back: SoundStream."""
