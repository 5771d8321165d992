"""Rasa's custom actions, one a file: read slots, call bot/, return events and names of responses."""
