"""Talking to the assistant in a terminal."""
