"""How people word a question, a request and a wish to know why."""

from __future__ import annotations

import re

WHY = re.compile(
    r"\bwhy\b(?! not\b)|\bwhat for\b|\bwhat (?:do|will|would) (?:you|they) (?:need|do|use)\b"
    r"|\bwhat (?:does it matter|difference does (?:it|that) make)\b"
    r"|\bwhat (?:happens|will happen) (?:to|with) (?:it|that|them|my)\b"
    r"|\bwho (?:\w+ )?(?:sees|gets|will (?:see|get)|has)\b"
    r"|\bdo (?:i|you) (?:have to|really need|need)\b|\bis (?:it|that|this) (?:required|necessary|needed|mandatory)\b",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"\?|^\W*(?:(?:and|but|so|ok(?:ay)?|wait|hey|hi|also)\W+)*(?:what|how|where|when|who|which|why|can|could|does|do|did|is|are"
    r"|will|would|should)\b",
    re.IGNORECASE,
)
_NEEDS_TIME = re.compile(
    r"\W*(?:(?:oh|um+|uh+|ok|okay|well|so|just|please|pls|sorry|lol)\W+)*"
    r"(?:hm+|uh+m*|um+|wait|hold on|hang on|(?:(?:just )?(?:a|one|1|gimme a|give me a) )?(?:sec|second|min|minute|moment)"
    r"|(?:let me|i'll|i will|i need to|i have to) (?:think|check|see|look)(?: about (?:it|that))?"
    r"|brb|thinking|not yet|not sure yet)"
    r"(?:\W+(?:a|one|sec|second|min|minute|moment|please|pls|ok|let me think|let me check))*\W*",
    re.IGNORECASE,
)
POLITELY_ASKS = re.compile(
    r"\b(?:can|could|may|might) (?:i|it|you|we) (?:just |please |maybe )?(?:have|go|get|take|pick|choose|send|use|do|pass"
    r"|give|make|change|switch|put)\b|\bwould you (?:please )?(?:send|pass|give|make|change)\b",
    re.IGNORECASE,
)
DENIES = re.compile(
    r"\b(?:no|nope|nah|not|none|nobody|neither|never|skip|pass|without|later)\b|n['’]t\b|\b(?:dont|wont|non|nein)\b",
    re.IGNORECASE,
)
"""Words without which nothing is taken for a no."""
STOPS = re.compile(
    r"\b(?:stop|cancel|quit|exit|abort|forget (?:it|this|that|about)|never ?mind|leave it|drop it|no longer"
    r"|(?:don'?t|do not) (?:want|need|send|bother)|changed my mind)\b",
    re.IGNORECASE,
)
"""A clear wish to leave the form, whatever else a message says."""


_YES_FIRST = re.compile(
    r"\W*(?:(?:oh|ah|well|hm+|um+)\W+)*(?:yes+|yeah|yea|yep|yup|sure|please do|absolutely|definitely|of course"
    r"|go ahead|do,? please|(?:fine|alright|ok|okay),? (?:go|do|pass|send|then)"
    r"|that would be (?:great|good|nice|lovely|awesome|helpful))\b",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(r"\b(?:but|not|no|later|maybe)\b|n['’]t\b", re.IGNORECASE)


_ANOTHER_TRY = re.compile(
    r"\W*(?:(?:ok|okay|please|pls|can you|could you|just)\W+)*(?:re-?try|(?:try|send|save|do)(?: (?:it|that|this|them))?"
    r"(?: once)? (?:again|more)|once more|again)(?:\W+(?:please|pls|now|then|thanks|thank you))*\W*",
    re.IGNORECASE,
)


def begins_with_yes(text: str) -> bool:
    """Does a sentence of a text begin with a yes that nothing takes back, and does the text ask nothing?"""
    return any(map(_YES_FIRST.match, re.split(r"[.!\n]+", text))) and not ASKS.search(text) and not _TAKEN_BACK.search(text)


def wants_another_try(text: str) -> bool:
    """Is what failed to be done once more, and nothing else: "try again", "send it again please"?"""
    return bool(_ANOTHER_TRY.fullmatch(text))


def needs_time(text: str) -> bool:
    """Does somebody only ask for a moment: "hmm", "wait", "let me think"?"""
    return bool(_NEEDS_TIME.fullmatch(text))
