"""Data to try the library on: two published customer bases and one simulated hotel group."""

from relmkt.datasets._cdnow import CDNOW, cdnow, cdnow_sample
from relmkt.datasets._donations import Donations, donations
from relmkt.datasets._hotel.group import HotelGroup, hotel
from relmkt.datasets._hotel.truth import Truth

__all__ = ["CDNOW", "Donations", "HotelGroup", "Truth", "cdnow", "cdnow_sample", "donations", "hotel"]
