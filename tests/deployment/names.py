"""The names of the settings, which every manifest has to agree with."""

from __future__ import annotations

from bot.settings import CHANNEL_SECRETS, SECRETS, Settings

SETTINGS = {name.upper() for name in Settings.__fields__}
BY_ENVIRONMENT = {name.upper() for name in (*SECRETS, *CHANNEL_SECRETS)}
"""Secrets, which no manifest may hold."""
