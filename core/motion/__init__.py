"""Motion: from files and rigs to what the model reads; numpy and the standard library only."""
