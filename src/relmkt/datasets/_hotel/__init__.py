"""The simulated hotel group: its people, their stays, and one file for each system that exports a table."""
