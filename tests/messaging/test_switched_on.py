"""A channel is on when its settings are there; half of them stop the start; the pages for clinics name what there is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from fakes import ACCOUNT, AUTH_TOKEN, NUMBER, TOKEN
from people import PUBLIC_URL, SECRET
from rasa.shared.core.domain import Domain

from bot.channels.buttons import ButtonSigner
from bot.channels.clicks import TITLES
from bot.channels.messaging.switch import SWITCHES, services
from bot.channels.messaging.telegram import LONGEST_DATA
from bot.channels.messaging.twilio import PATH, WORDS
from bot.evaluation.messaging_samples import APP_SECRET, BOT_TOKEN, PAGE_TOKEN, SIGNING_SECRET, VERIFY_TOKEN
from bot.knowledge.files import responses
from bot.knowledge.questions import BY_INTENT
from bot.server.metrics import CHANNELS, MESSAGING
from bot.server.responses import ClinicResponses
from bot.settings import CHANNEL_SECRETS, ROOT, Settings, SettingsError

TELEGRAM = {"telegram_token": TOKEN, "telegram_webhook_secret": SECRET}
TWILIO = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": AUTH_TOKEN, "public_url": PUBLIC_URL}
SMS = {**TWILIO, "twilio_sms_from": NUMBER}
MESSENGER = {
    "messenger_page_token": PAGE_TOKEN,
    "messenger_app_secret": APP_SECRET,
    "messenger_verify_token": VERIFY_TOKEN,
}
SLACK = {"slack_bot_token": BOT_TOKEN, "slack_signing_secret": SIGNING_SECRET}
APPS = [TELEGRAM, SMS, MESSENGER, SLACK]
ALL = {name: value for app in APPS for name, value in app.items()}
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "channels").glob("*.md")}
ADDRESSES = {"rest": "api"}
"""Where the name in the address is not that of the page."""
NAMES = {name.upper() for name in Settings.__fields__}


def on(**own: str) -> dict[str, list[str]]:
    return {service.name: channels for service, channels in services(Settings(_env_file=None, **own))}


def test_nothing_is_on_by_default() -> None:
    assert on() == {}
    assert on(public_url=PUBLIC_URL) == {}


def test_each_is_on_when_its_settings_are_there() -> None:
    assert on(**TELEGRAM) == {"telegram": ["telegram"]}
    assert on(**SMS) == {"twilio": ["sms"]}
    assert on(**TWILIO, twilio_whatsapp_from=NUMBER) == {"twilio": ["whatsapp"]}
    assert on(**MESSENGER) == {"messenger": ["messenger"]}
    assert on(**SLACK) == {"slack": ["slack"]}
    every = on(**ALL, twilio_whatsapp_from=NUMBER)
    assert len(every) == len(SWITCHES)
    assert [channel for channels in every.values() for channel in channels] == list(MESSAGING)
    assert set(MESSAGING) <= set(CHANNELS)


@pytest.mark.parametrize("missing", ALL)
def test_half_of_them_is_a_mistake_that_names_what_is_missing(missing: str) -> None:
    (app,) = (app for app in APPS if missing in app)
    half = {name: value for name, value in app.items() if name != missing}
    with pytest.raises(SettingsError, match=rf"^environment: .*{missing.upper()}.*: must be set as well") as error:
        on(**half)
    assert not any(value in str(error.value) for value in half.values())


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_names_settings_that_there_are(page: str) -> None:
    named = set(re.findall(rf"\b(?:{page.upper()}_[A-Z_]+|PUBLIC_URL|MESSAGING_[A-Z_]+)\b", PAGES[page]))
    assert {name for name in NAMES if name.startswith(f"{page.upper()}_")} <= named <= NAMES


def test_every_service_has_its_page_with_its_address() -> None:
    every = on(**ALL)
    assert {*every, *ADDRESSES} == set(PAGES)
    for name, page in PAGES.items():
        assert f"https://assistant.clinic.example/webhooks/{ADDRESSES.get(name, name)}/webhook" in page
        assert "\n## When nothing comes\n" in page
        assert all((ROOT / file).is_file() for file in re.findall(r"`(deploy/messaging/[a-z.]+)`", page))
    assert PATH == "/webhooks/twilio/webhook"


def test_every_word_that_stops_the_messages_is_explained() -> None:
    reasons = (ROOT / "docs" / "decisions" / "channels.md").read_text(encoding="utf-8")
    words = {word.upper() for word, meant in WORDS.items() if meant in ("stop", "cancel") and word.isascii()}
    assert {word for word in words if word not in reasons} == set()


def test_what_opens_the_way_out_names_the_secrets_of_channels_and_is_valid(tmp_path: Path) -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "messaging" / "compose.yml").read_text(encoding="utf-8"))
    main = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    rest = yaml.safe_load((ROOT / "deploy" / "messaging" / "rest.yml").read_text(encoding="utf-8"))
    assert {*compose["secrets"], *rest["secrets"]} == set(CHANNEL_SECRETS)
    for each in (compose, rest):
        secrets = each["services"]["assistant"]["secrets"]
        assert set(secrets) == {*main["services"]["assistant"]["secrets"], *each["secrets"]}
    assert set(rest["services"]["assistant"]) == {"secrets"}, "no way out"
    assistant = compose["services"]["assistant"]
    assert set(assistant["networks"]) == {*main["services"]["assistant"]["networks"], "messaging"}
    assert {f"{name.upper()}_FILE" for name in CHANNEL_SECRETS} <= set(main["services"]["assistant"]["environment"])
    subprocess.run([str(ROOT / "deploy" / "set-up"), "clinic.example", str(tmp_path)], check=True, capture_output=True)
    assert {(tmp_path / name).read_text(encoding="ascii") for name in CHANNEL_SECRETS} == {""}
    policy = yaml.safe_load((ROOT / "deploy" / "messaging" / "network.yaml").read_text(encoding="utf-8"))
    assert kubernetes_validate.validate(policy, "1.28", strict=True) == "1.28"


@pytest.mark.parametrize("channel", MESSAGING)
def test_nobody_is_told_that_a_messaging_app_is_the_clinics_own_machine(channel: str) -> None:
    domain = Domain.from_dict({"version": "3.1", "responses": responses()})
    said = ClinicResponses(domain=domain).render("utter_privacy_data", channel)["text"]
    assert "can read them" in said
    assert "own machine" not in said


def test_every_button_fits_into_what_telegram_lets_a_button_carry() -> None:
    signer = ButtonSigner("k" * 32)
    shown = {
        b["payload"].lstrip("/") for variations in responses().values() for v in variations for b in v.get("buttons", [])
    }
    clicks = {*BY_INTENT, *TITLES, *shown, "inform.999999"}
    assert "affirm.withdraw" in shown
    assert {click for click in clicks if len(signer.sign("telegram-1", click).encode()) > LONGEST_DATA} == set()
