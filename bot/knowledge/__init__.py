"""The questions, their sections of the article, and whether everything agrees."""
