"""Answers questions from the store: understand, gather, compose, verify."""
