"""Tests of items, scales, and how far items agree."""
