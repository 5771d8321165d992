"""The root of the errors that a person can act on; the command line prints them in one line."""


class AssistantError(Exception):
    """Something is missing or wrong, and the message says what to do."""
