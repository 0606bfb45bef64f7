"""Things that break a law, each of which a kit must catch."""
