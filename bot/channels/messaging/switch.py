"""Which messaging services are on: those whose settings are there. Half of them stop the start."""

from __future__ import annotations

from typing import Callable, List, Optional, Tuple

from bot.channels.messaging.messenger import CHANNEL as MESSENGER
from bot.channels.messaging.messenger import Messenger
from bot.channels.messaging.service import Service
from bot.channels.messaging.slack import CHANNEL as SLACK
from bot.channels.messaging.slack import Slack
from bot.channels.messaging.telegram import CHANNEL as TELEGRAM
from bot.channels.messaging.telegram import Telegram
from bot.channels.messaging.twilio import SMS, WHATSAPP, Account, Twilio
from bot.settings import Settings, SettingsError

SwitchedOn = Tuple[Service, List[str]]
"""A service and its channels that are on."""
Switch = Callable[[Settings], Optional[SwitchedOn]]


def services(settings: Settings) -> List[SwitchedOn]:
    """Returns the services that are on, each with its channels.

    Raises:
        SettingsError: some settings of a service are there and others are missing.
    """
    return [found for found in (switch(settings) for switch in SWITCHES) if found is not None]


def _telegram(settings: Settings) -> Optional[SwitchedOn]:
    if not _all_or_none(settings, "telegram_token", "telegram_webhook_secret"):
        return None
    service = Telegram(str(settings.telegram_token), str(settings.telegram_webhook_secret), str(settings.telegram_api_url))
    return service, [TELEGRAM]


def _twilio(settings: Settings) -> Optional[SwitchedOn]:
    senders = {SMS: settings.twilio_sms_from, WHATSAPP: settings.twilio_whatsapp_from}
    channels = [channel for channel, sender in senders.items() if sender]
    if not _all_or_none(settings, "twilio_account_sid", "twilio_auth_token"):
        if channels:
            raise SettingsError("environment: TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN: must be set as well")
        return None
    if not channels:
        raise SettingsError("environment: TWILIO_SMS_FROM or TWILIO_WHATSAPP_FROM: must be set as well")
    if settings.public_url is None:
        raise SettingsError("environment: PUBLIC_URL: must be set as well, Twilio signs it")
    account = Account(str(settings.twilio_account_sid), str(settings.twilio_auth_token), senders[SMS], senders[WHATSAPP])
    return Twilio(account, str(settings.twilio_api_url), str(settings.public_url)), channels


def _messenger(settings: Settings) -> Optional[SwitchedOn]:
    if not _all_or_none(settings, "messenger_page_token", "messenger_app_secret", "messenger_verify_token"):
        return None
    service = Messenger(
        str(settings.messenger_page_token),
        str(settings.messenger_app_secret),
        str(settings.messenger_verify_token),
        str(settings.messenger_api_url),
    )
    return service, [MESSENGER]


def _slack(settings: Settings) -> Optional[SwitchedOn]:
    if not _all_or_none(settings, "slack_bot_token", "slack_signing_secret"):
        return None
    return Slack(str(settings.slack_bot_token), str(settings.slack_signing_secret), str(settings.slack_api_url)), [SLACK]


SWITCHES: Tuple[Switch, ...] = (_telegram, _twilio, _messenger, _slack)


def _all_or_none(settings: Settings, *names: str) -> bool:
    missing = [name.upper() for name in names if not getattr(settings, name)]
    if missing and len(missing) < len(names):
        raise SettingsError(f"environment: {', '.join(missing)}: must be set as well")
    return not missing
