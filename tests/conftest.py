"""Settings that every test shares: Hypothesis' profiles, a quiet plotting backend."""

import os

from hypothesis import HealthCheck, settings

os.environ.setdefault("MPLBACKEND", "Agg")

# The same code has the same verdict; who searches (`make fuzz`) draws anew, and a failure prints what repeats it.
_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "steady", max_examples=25, deadline=None, print_blob=True, derandomize=True, suppress_health_check=_SLOW_IS_FINE
)
settings.register_profile(
    "ci", max_examples=100, deadline=None, print_blob=True, derandomize=True, suppress_health_check=_SLOW_IS_FINE
)
settings.register_profile(
    "search", max_examples=100, deadline=None, print_blob=True, derandomize=False, suppress_health_check=_SLOW_IS_FINE
)
settings.register_profile(
    "soak", max_examples=2000, deadline=None, print_blob=True, derandomize=False, suppress_health_check=_SLOW_IS_FINE
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
