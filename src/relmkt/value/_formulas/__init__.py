"""What is it worth in closed form? Lifetime value, equity, optimum, prospects, retention, lift."""
