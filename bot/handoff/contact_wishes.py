"""How a visitor wants to be contacted."""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Pattern, Tuple

from bot.handoff.typed_text import EMAIL, PHONE

_BETTER = (
    r"(?:is|'s|works?|would be|are) (?:\w+ )?(?:best|better|good|fine|great|ok|okay|easier|easiest|preferred"
    r"|less \w+|nicer|simpler|preferable|perfect|ideal|me)"
)
_ME = r"(?:me|us|back|my (?:cell|mobile|phone|work|house|home|landline|number|husband's|wife's|mom's|office))"
_NOT = re.compile(
    r"\b(?:not|no|don'?t|do not|dont|never|rather than|instead of|can'?t|cannot|hate|won'?t|without|better than|over"
    r"|delete|remove|(?:reach|contact) (?:you|u)\b[\w ]{0,12})"
    r"(?: (?:by|to|a|any|my|have|want|like|use|please|the|send|me|you|pick up|answer|on|take|book))* $",
    re.IGNORECASE,
)


def _kind(nouns: str, verbs: str, mark: str) -> Pattern[str]:
    """Returns the ways of asking for one kind of contact.

    Args:
        nouns: "I prefer text".
        verbs: "text me"; those that are nouns too ("my email is") come before a number only at the start of a clause.
        mark: what stands for a number or an address.
    """
    named = rf"(?:{nouns})\b(?! ?(?:messages?|scar|book|is the|number|address|#))"
    return re.compile(
        rf"\b(?:{verbs}) (?:{_ME}\b|(?:only|instead|please|pls|first)\b)(?! (?:crazy|old|stupid|a skeptic))"
        rf"|(?:^|[,.;!?] ?|\b(?:or|and|please|pls|can|just|to|you|me|also|better|instead) )(?:{verbs}) (?:at |on |to "
        rf"|@ )?{mark}"
        rf"|\b(?:just|only|rather) (?:{verbs})\b(?= (?:though|please|pls|because|cause|cuz|as|thanks|if)\b|\W*$|[,.;!])"
        rf"|\b(?:write|send)(?: me| us)?(?: an?| by)? (?:{nouns})\b"
        rf"|\b(?:can|could|would) (?:they|he|she|some(?:one|body)|you|u) (?:please |just |maybe )?(?:{verbs})\b"
        r"(?= me\b|\W*$|\?)"
        rf"|\b(?:you|u) (?:can|could|may|should)(?: just| also| always| please)? (?:{verbs})\b(?= (?:at|on|after|before"
        rf"|any|between|in)\b|\W*$)"
        rf"|\b(?:by|via|through|thru|over|prefer\w*|rather(?: have)?(?: an?)?) {named}"
        rf"|\b(?:give|shoot|drop|get|want|like|have|send|prefer)\w* (?:me |us )?an? (?:quick )?{named}"
        rf"|\b(?:{verbs}|{nouns}),? (?:please |pls )?(?:do not|don'?t|not|no|never) (?:call|phone|ring|text|txt|e-?mail)\b"
        rf"|(?:^|[,.;!{mark}] ?)(?:{nouns}) (?:is )?(?:ok|okay|fine|good|best|better|works)\b"
        rf"|\bbetter (?:by |with |is )?(?:an? |the )?{named}"
        rf"|{named} (?:{_BETTER}\b|(?:only|please|pls|preferred|instead)\b)"
        rf"|\b(?:{verbs}|{nouns}) or (?:call|text|e-?mail|phone)\b|(?:(?<=call or )|(?<=text or )|(?<=mail or )"
        rf"|(?<=phone or ))(?:{verbs}|{nouns})\b"
        rf"|^[^\w{mark}]*(?:(?:just|by|a|via|prefer\w*|i|would|i'd|like|yes|yeah|the|ok|sure|actually|to"
        rf"|no,)[ ,]+){{0,3}}(?:{nouns}|{verbs})"
        rf"(?:[ ,.]+(?:please|pls|is|fine|me|only|instead|thanks|thx|po|works|best|not (?:text|call|email|phone"
        rf"|calls)\w*)){{0,4}}[ .!,]*$",
        re.IGNORECASE,
    )


_CALLED_NAME = re.compile(r"\bcall (?:me|her|him) (?P<what>[^\W\d_][\w'-]*)", re.IGNORECASE)
_AFTER_CALL_ME = re.compile(
    r"(?:after|before|between|at|on|in|any ?time|when\w*|back|later|tomorrow|today|tonight|if|about|to|please|pls|plz|asap"
    r"|and|or|around|during"
    r"|weekday\w*|weekend\w*|mon\w*|tue\w*|wed\w*|thu\w*|fri\w*|sat\w*|sun\w*|morning\w*|afternoon\w*|evening\w*|instead"
    r"|then|not|dont|don't|from|by|until"
    r"|for|now|only|because|with|re|regarding|this|next|thanks|thank|soon|lunch\w*|noon|early|late|my|i|i'm|im|it|is|it's"
    r"|do|ok|cell|home)",
    re.IGNORECASE,
)
_KINDS: Tuple[Tuple[str, Tuple[str, ...], Pattern[str]], ...] = (
    (
        "text",
        ("text", "txt", "sms", "message", "msg"),
        _kind("texts?|txts?|sms|text messages?|(?:the )?messages? of text|texting", "text|txt|sms|message|msg", PHONE),
    ),
    ("email", ("mail", "write"), _kind("e-?mails?|emailing|mail", "e-?mail|mail|write to", EMAIL)),
    (
        "phone",
        ("phone", "call", "ring", "buzz"),
        _kind("phone|phone calls?|calls?|calling|telephone", "call|phone|ring|telephone|buzz", PHONE),
    ),
)


class _Hit(NamedTuple):
    start: int
    kind: str


def read_contact_kind(text: str) -> Optional[str]:
    """Returns phone, text or email when a visitor says how to reach them, or None; "call me Dana" says nothing.

    Args:
        text: folded, with `PHONE` and `EMAIL` where a number and an address were.
    """
    text = _CALLED_NAME.sub(_without_name, text)
    hits: List[_Hit] = []
    small = text.lower()
    for kind, stems, pattern in _KINDS:
        if not any(stem in small for stem in stems):
            continue
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 30) : match.start()]
            is_a_no = before.lower().endswith("no ") and match.group().lower().endswith(" me")
            if is_a_no or not _NOT.search(before):
                hits.append(_Hit(match.start(), kind))
    return min(hits).kind if hits else None


def _without_name(match: re.Match[str]) -> str:
    return match.group() if _AFTER_CALL_ME.fullmatch(match.group("what")) else " "
