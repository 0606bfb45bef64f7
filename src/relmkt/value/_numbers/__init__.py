"""Which numbers do all of them need? Special functions, intervals, errors carried on, shares and survival."""
