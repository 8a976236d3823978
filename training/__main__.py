"""``python -m kinetone.training`` is ``kinetone-train``; ``torchrun -m`` wants it so."""

from .cli import main

main()
