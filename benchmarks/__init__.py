"""Measurements beside what a user would do instead."""
