"""The languages that providers and visitors may name, by their two-letter codes."""

from __future__ import annotations

from typing import Optional

ENGLISH = "en"
LANGUAGES = {
    "en": "English",
    "fr": "French",
    "am": "Amharic",
    "ar": "Arabic",
    "bn": "Bengali",
    "cr": "Cree",
    "de": "German",
    "es": "Spanish",
    "fa": "Persian",
    "gu": "Gujarati",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "ne": "Nepali",
    "nl": "Dutch",
    "pa": "Punjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "so": "Somali",
    "ti": "Tigrinya",
    "tl": "Tagalog",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
_BY_NAME = {name.casefold(): code for code, name in LANGUAGES.items()}


def language_code(text: str) -> Optional[str]:
    """Returns the code of a language given by code or English name (`fr`, `French`), or None for an unknown one."""
    plain = text.strip().casefold()
    return plain if plain in LANGUAGES else _BY_NAME.get(plain)
