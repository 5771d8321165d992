"""What visitors ask about the enquiry itself while they fill it in: what is sent, what comes next, who is best."""

from __future__ import annotations

import re
from typing import Any, Mapping, Optional

from bot.handoff.form_fields import NEEDED
from bot.handoff.heard import Heard, Said

_ANOTHER_PHONE = (
    r"(?:house|home|land ?line|work|office|shop|farm|barn|(?:neighbou?r|wife|husband|daughter|son|mom|mother)'?s)"
)
_PATTERNS = {
    "over_again": (
        r"\b(?:start|begin) (?:over|again|anew|from (?:the )?(?:start|beginning|scratch))\b|^\W*restart\W*$"
    ),
    "what_to_change": (
        r"^\W*(?:can (?:i|we) )?(?:please )?(?:go|step) back(?: (?:a|one) step)?(?: please)?\W*$|\bprevious question\b"
    ),
    "before_sending": (
        r"\bwhat (?:\w+ )?(?:do|will|would) (?:you|they) (?:\w+ )?(?:send|see|get|pass on|tell them)\b"
        r"|\bwhat (?:have|did) i (?:\w+ )?(?:tell|told|say|said|give|gave|given|put|type|typed|write|written|enter(?:ed)?)\b"
        r"|\bwhat do you (?:know about|have on) me\b|\bread (?:it|that) back\b"
        r"|\bis my (?:e-?mail|number|phone|name|town) (?:right|correct|ok)\b"
    ),
    "go_on": (
        r"^\W*(?:(?:no|wait|ok|okay|actually|sorry|yes|please)\W+)*(?:(?:keep|hold on to) (?:it|them|everything|my details)"
        r"|keep going|carry on|go on|continue|(?:don'?t|do not) (?:stop|delete|forget)(?: (?:it|anything))?)"
        r"(?:\W+(?:and|then|please|thanks|with (?:it|the (?:form|enquiry))|go on|continue|as it is))*\W*$"
    ),
    "what_next": (
        r"(?:\bhow (?:long|soon|fast|quickly)\b|\bwhen (?:will|do|can|should) (?:i|they|he|she|you|some(?:body|one))\b)"
        r".*\b(?:answer|reply|respond|hear (?:back|from)|get back to me|contact(?: me)?|call(?: me)?|phone(?: me)?)\b"
        r"|\bwhat(?:'s| is| happens| comes) (?:next|then|afterwards|after(?: that| this| you send it| i say yes)?)\W*$"
        r"|\bwhat (?:happens )?if (?:they|nobody|no ?one|he|she) .*\b(?:answer|reply|respond|get back)"
    ),
    "any_phone": (
        rf"\b{_ANOTHER_PHONE}(?: ?phone| ?line| number)?\b[^?]*\b(?:ok|okay|fine|all ?right|good|work|do|enough|count)\b"
        rf"[^?]*\?|\b(?:can|could|may) i (?:use|give|put)\b[^?]*\b{_ANOTHER_PHONE}\b[^?]*\?"
        r"|\b(?:must|should|do|need) (?:i|to)\b[^?]*\b(?:have|need|give)\b[^?]*\be-?mail\b"
        r"|\b(?:only|just) (?:have |got |had |use )?(?:a |the |my |one )?(?:tele)?phone\b"
        r"|\b(?:no|not|don'?t|never) (?:\w+ )?(?:have |had |use |got )?(?:an? |any )?(?:e-?mail|computer|internet|cell)\b"
    ),
    "can_withdraw": (
        r"\b(?:can|could|may) i (?:\w+ )?(?:withdraw|undo|take (?:it|that) back|change my mind"
        r"|(?:cancel|delete) (?:it|this|that|the enquiry|my enquiry|my details))\b|\bwhat if i change my mind\b"
    ),
}
_FAVOURITE = re.compile(
    r"\brecommend|\bsuggest|\bwho(?:'s| is| do you think is)? (?:the )?best\b"
    r"|\bwhich (?:one |of them )?(?:is|would be) (?:the )?(?:best|better|closer|closest|nearer|nearest|good)\b"
    r"|\bwhich (?:one )?(?:of them )?(?:has|have|does|do|did)\b|\bthe (?:longest|most experienced?)\b"
    r"|\bwh(?:o|ich)(?: one)? (?:would|should) (?:you|i) (?:pick|choose|take|go (?:with|for))\b|\bwhat would you do\b",
    re.IGNORECASE,
)
_ABOUT_THEM = re.compile(
    r"^\W*(?:(?:and|so|but|also)\W+)*"
    r"(?:is|are|does|do|has|have|can|how (?:old|experienced|far|long|good)|what(?:'s| is| does| do))\b.*"
    r"\b(?:she|he|they|them|these|those|(?:first|second|third|other|last) one"
    r"|(?:the|this|that) (?:provider|person|nurse|physio\w*|acupuncturist))\b",
    re.IGNORECASE,
)
_COMPILED = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PATTERNS.items()}
ABOUT_THE_FORM = frozenset({*_PATTERNS, "no_favourite", "only_listed"})
"""Names of what is said to these."""


def about_the_form(said: Said, field: str, values: Mapping[str, Any]) -> Optional[Heard]:
    """Returns what a question or a wish about the enquiry itself means, or None when it is something else."""
    for name, pattern in _COMPILED.items():
        # "Keep it" is an answer where nobody can take the enquiry now.
        if pattern.search(said.text) and not (name == "go_on" and field in ("provider", "consent")):
            return _heard(name, field, values)
    if field not in ("provider", "consent") or not values.get("offered"):
        return None
    if _FAVOURITE.search(said.text):
        return Heard(problem="no_favourite")
    is_other_question = bool(said.asked) and said.intent != "bot_challenge"  # which "is she a woman?" is taken for
    return Heard(problem="only_listed") if not is_other_question and _ABOUT_THEM.search(said.text) else None


def _heard(name: str, field: str, values: Mapping[str, Any]) -> Heard:
    if name == "over_again":
        needed = NEEDED[values.get("kind") or "cosmetic"]
        return Heard({**dict.fromkeys(needed), "contact_kind": None, "language": None, "offered": None}, problem=name)
    if name == "before_sending" and field == "consent":
        return Heard({"consent_text": None})
    return Heard(problem=name)
