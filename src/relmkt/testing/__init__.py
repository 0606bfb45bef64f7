"""Does what I wrote keep its contract? Kits for stores, channels and facets: plain functions, free of pytest."""

from relmkt.testing._channels import Rig, check_channel

__all__ = ["Rig", "check_channel"]
