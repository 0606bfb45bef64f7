"""How did it feel? Tests of the satisfaction chapter."""
