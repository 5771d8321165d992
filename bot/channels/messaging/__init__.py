"""Messaging apps: what all of them share, then one file a service. Why it is like this: docs/decisions/channels.md."""
