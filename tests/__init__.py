"""The tests of relmkt."""
