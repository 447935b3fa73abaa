"""Fills the store: official files and the shipped corpus become editions."""
