"""Names that a setting will have: the server's health, migration and metrics are being built beside this."""

from __future__ import annotations

from bot.settings import SECRETS, Settings

SETTINGS = {name.upper() for name in Settings.__fields__} | {"MIGRATE_AT_START", "METRICS_HOST", "METRICS_PORT"}
BY_ENVIRONMENT = {name.upper() for name in SECRETS}
"""Secrets, which no manifest may hold."""
