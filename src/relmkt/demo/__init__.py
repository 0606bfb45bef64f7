"""What does the library do with a real customer base? CDNOW loaded, reviewed, written to within the law, and shown."""

from relmkt.demo._consents import simulated
from relmkt.demo._policy import gate, policy
from relmkt.demo._run import NOW, Demonstration, run

__all__ = ["NOW", "Demonstration", "gate", "policy", "run", "simulated"]
