"""How fast, beside whom? `python -m tests.benchmarks [ONLY …] [--short]` prints one line a figure."""
