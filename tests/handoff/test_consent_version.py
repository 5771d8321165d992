"""Whoever changes what visitors agree to also changes the version that is kept with their consent."""

from __future__ import annotations

import hashlib

from bot.handoff.enquiry_form import CONSENT_VERSION
from bot.knowledge.files import responses

WORDS_OF = {"2026-11": "b5648b60abac7ab2"}
"""Start of the SHA-256 of the consent's wording, by version; add a line for a new version, never change an old one."""


def test_the_version_belongs_to_the_words() -> None:
    consents = {name: found for name, found in sorted(responses().items()) if name.startswith("utter_enquiry_consent_")}
    shown = [variation["text"] for name, found in consents.items() if not name.endswith("_refused") for variation in found]
    assert len(shown) == 3
    assert WORDS_OF[CONSENT_VERSION] == hashlib.sha256("\n".join(shown).encode()).hexdigest()[:16]
