"""Tests of the chapter on what a customer is worth."""
