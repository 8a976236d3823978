"""Motion features to RVQ codes: the network and how codes are drawn from it."""
