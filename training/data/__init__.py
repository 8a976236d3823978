"""From data sets on disk to the batches that the trainers draw."""
