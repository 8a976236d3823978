"""A paired corpus of dance and music, rendered from freely licensed instruments."""
