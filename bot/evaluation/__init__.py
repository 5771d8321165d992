"""Measuring understanding and speed."""
