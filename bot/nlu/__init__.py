"""Graph components that read a visitor's message."""
