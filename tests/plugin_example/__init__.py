"""A package of somebody else: it uses public names only."""
