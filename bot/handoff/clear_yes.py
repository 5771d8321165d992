"""Is a message a clear yes? Only such a one sends something."""

from __future__ import annotations

import re

_YES = (
    r"you bet|for sure|works for me|that works|by all means|let'?s do it|alrighty|affirmative|yessir"
    r"|yes+|y|yeah|yea|yep|yup|yah|ya|yess+|aye|oui|si|sí|ok|okay|okey|okie|k|kk|sure|absolutely|definitely|certainly|agreed?"
    r"|consent|confirm(?:ed)?|correct|right|fine|good|great|perfect|alright|send|do|go|please do"
)
_YES_ITSELF = re.compile(
    r"(?<![\w'])(?:you bet|for sure|works for me|by all means|let'?s do it|affirmative|yessir"
    r"|yes+|y|yeah|yea|yep|yup|yah|ya|yess+|aye|oui|si|sí|sure|absolutely|definitely|agreed?|consent"
    r"|confirm(?:ed)?|send|go ahead|go for it|do it)(?![\w'])|👍",
    re.IGNORECASE,
)
_CORE = re.compile(rf"(?<![\w'])(?:{_YES})(?![\w'])|👍|✅|👌", re.IGNORECASE)
_WORDS_ALONE = re.compile(
    rf"(?:(?:{_YES}|please|pls|plz|thanks|thank|thx|you|u|can|may|could|should|it|that|this|them|is|are|it's|its|that's|thats"
    r"|i|i'm|im|to|all|looks?|sounds?|very|much|so|ahead|for|and|now|my|me|the|details|enquiry|inquiry|message|off|over|away"
    r"|of|course|just|go|lets|let's|we|am|happy|with)\b[\s,.!*]*)+",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"\b(?:right|good|fine|ok|okay|correct|great|perfect) (?:to|with|by|for) me\b"
    r"|\bsorry (?:about|for) (?:the|my|all the) (?:caps|typos?|typing|spelling|english|grammar|wait|delay|mess|questions)\b"
    r"|\b(?:and )?nothing (?:else|more)\b|\bbefore i (?:chicken out|lose my nerve|change my mind|get cold feet)\b"
    r"|\bnothing (?:else )?(?:to|needs?) (?:be )?(?:changed?|changing|add(?:ed)?|correct(?:ed)?|fix(?:ed)?)\b"
    r"|\b(?:why not|no (?:problems?|worries|prob|mistakes?|changes?|complaints?)|not a problem|no rush)\b", re.IGNORECASE
)
_DOUBT = re.compile(
    r"\?|\b(?:but|except|unless|if|until|till|not|never|nobody|none|no|nope|nah|without|only|wait|hold|hang|hmm+|think|thinking"
    r"|guess|maybe|perhaps|probably|actually|instead|rather|later|first|before|after|change|wrong|other|another|else|someone"
    r"|somebody|stop|cancel|forget|delete|remove|decide|unsure|sorry|kidding|joking|what|which|who|whom|how|when|where)\b|\bso\W*$"
    r"|\w[._/{}:=]\w"  # no words of a person: affirm.send
    r"|n['’]t\b|\b(?:dont|wont|cant|shouldnt|didnt|isnt)\b",
    re.IGNORECASE,
)
_SENDS = re.compile(
    r"\b(?:send|fire|shoot|ship|pass|forward|submit)"
    r" (?:exactly |just )?(?:it|'?e[rm]|this|that|them|everything|my (?:details|info|enquiry|message))\b"
    r"|\b(?:turn|let|cut|set) (?:it|'?e[rm]|her|him|them) (?:loose|rip|fly)\b|\bfire away\b"
    r"|\b(?:please|pls|you (?:may|can)|ok|okay|yes) send\b(?! (?:me|us|a)\b)|\bgo ahead\b"
    r"|\bi(?: am|'m)? (?:(?:hereby|do|fully|gladly|also) )*(?:consent|agree|approve|authori[sz]e|confirm|accept)\b"
    r"|\byou have my (?:consent|permission|approval|agreement|ok|okay)\b"
    r"|^\W*(?:approved|confirmed|agreed|accepted|granted|authori[sz]ed)\b",
    re.IGNORECASE,
)
_THOUGHT_OVER = re.compile(r"^\W*i (?:think|guess|suppose) so\b(?=.*\byes\b)", re.IGNORECASE | re.DOTALL)
_ELSEWHERE = re.compile(r"\bto (?:me|my|us|our)\b", re.IGNORECASE)


def has_clear_yes(text: str) -> bool:
    """Does a text say yes without an if or a but? What it is about, somebody else has to know."""
    meant = _HARMLESS.sub(" ", text)
    return bool(_CORE.search(meant)) and not _DOUBT.search(meant)


def tells_to_send(text: str) -> bool:
    """Does a text say to send it, without an if or a but: "all in order, you may send it", "looks good, fire it off"?"""
    meant = _THOUGHT_OVER.sub(" ", _HARMLESS.sub(" ", text))
    return bool(_SENDS.search(meant)) and not _DOUBT.search(meant) and not _ELSEWHERE.search(meant)


def is_yes_with_thanks(text: str) -> bool:
    """Does a text that was taken for thanks say yes as well: "yes, thank you dear"?"""
    return has_clear_yes(text) and bool(_YES_ITSELF.search(text))


def is_yes_alone(text: str) -> bool:
    """Does a text consist of nothing but a clear yes and courtesies: "you can send it, thank you"?"""
    meant = _HARMLESS.sub(" ", text).strip()
    return has_clear_yes(meant) and bool(_YES_ITSELF.search(meant) and _WORDS_ALONE.fullmatch(meant))
