"""The names of the settings, which every manifest has to agree with."""

from __future__ import annotations

from bot.evaluation.messaging_samples import settings_for
from bot.settings import CHANNEL_SECRETS, SECRETS, Settings

SETTINGS = {name.upper() for name in Settings.__fields__}
BY_ENVIRONMENT = {name.upper() for name in (*SECRETS, *CHANNEL_SECRETS)}
"""Secrets, which no manifest may hold."""
ALL_ON = Settings(_env_file=None, **settings_for("http://127.0.0.1:1"))
"""Every messaging app is on."""
