"""How a visitor's text is tidied before it is read: one place for the encoder, the n-grams and the red flags."""

import re
import unicodedata

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

TIDIED = "tidied"

QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})

EMOJI_WORDS = {
    "👍": " yes ",
    "👌": " ok ",
    "✅": " yes ",
    "👎": " no ",
    "❌": " no ",
    "🙏": " thanks ",
    "👋": " hello ",
    "😭": " crying ",
    "😢": " crying ",
    "🩸": " bleeding ",
    "💉": " needle ",
    "🪡": " needle ",
    "🆘": " help ",
    "🚑": " ambulance ",
    "🤖": " robot ",
}

SHORTHAND = {
    "u": "you",
    "ur": "your",
    "r": "are",
    "pls": "please",
    "plz": "please",
    "thx": "thanks",
    "ty": "thanks",
    "bc": "because",
    "cuz": "because",
    "coz": "because",
    "idk": "i don't know",
    "wat": "what",
    "wht": "what",
    "abt": "about",
    "ppl": "people",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "appt": "appointment",
    "cant": "can't",
    "cannot": "can't",
    "dont": "don't",
    "doesnt": "doesn't",
    "didnt": "didn't",
    "wont": "won't",
    "isnt": "isn't",
    "im": "i'm",
    "ive": "i've",
    "whats": "what's",
    "hes": "he's",
    "shes": "she's",
}

_WORD = re.compile(r"[A-Za-z]+")
_STRETCHED = re.compile(r"([A-Za-z])\1{2,}")
_SPACE = re.compile(r"\s+")


def _write_out(match: re.Match[str]) -> str:
    return SHORTHAND.get(match.group().lower(), match.group())


def tidy(text: str) -> str:
    """Returns the text as the models read it.

    Compatibility characters are folded, curly quotes straightened, a few emoji and chat abbreviations written out,
    stretched letters ("hiiii") shortened and white space collapsed.

    Args:
        text: what the visitor typed, of any length.

    Returns:
        The tidied text; empty when nothing readable is left.
    """
    folded = unicodedata.normalize("NFKC", text).translate(QUOTES)
    for emoji, word in EMOJI_WORDS.items():
        if emoji in folded:
            folded = folded.replace(emoji, word)
    folded = _STRETCHED.sub(r"\1", folded)
    folded = _WORD.sub(_write_out, folded)
    return _SPACE.sub(" ", folded).strip()


def tidied(message: Message) -> str:
    """Returns the tidied text of a message, which is kept on it: every component of the pipeline reads it."""
    text = message.get(TIDIED)
    if text is None:
        text = tidy(message.get(TEXT) or "")
        message.set(TIDIED, text)
    return str(text)
