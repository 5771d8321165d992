"""What staff are told: what happened to an enquiry, and what to do about it. Names nobody."""

from __future__ import annotations

from typing import Dict, NamedTuple


class Notice(NamedTuple):
    """A notice in words."""

    happened: str
    to_do: str


NOTICES: Dict[str, Notice] = {
    "no_provider": Notice(
        "nobody in the directory can take this enquiry",
        "It waits. If the visitor agreed to that (see `enquiries show`), it goes to the next suitable provider verified.",
    ),
    "no_choice": Notice(
        "the visitor chose none of the providers",
        "It waits with the clinic. Get in touch with the visitor, or close it.",
    ),
    "gave_up": Notice(
        "a message could not be delivered",
        "`enquiries show` names what went wrong. Mend it (often an address in the directory), then `enquiries retry`.",
    ),
    "provider_lapsed": Notice(
        "the provider may not be offered any more, so nothing was sent",
        "`providers check` says why. Once that is mended, or if the visitor agreed to another provider: `enquiries retry`.",
    ),
    "consent_over": Notice(
        "the visitor's consent is over, so nothing was sent",
        "Close it, or ask the visitor anew.",
    ),
    "not_acknowledged": Notice(
        "nobody has acknowledged this enquiry",
        "Ask the provider whether they have it (`enquiries acknowledge`), or get in touch with the visitor.",
    ),
    "handed_over": Notice(
        "somebody on a messaging app asked for a person, and the assistant keeps quiet there now",
        "Answer there (`python -m bot handover list`, then `say`), or call back. `release` gives it back to the assistant.",
    ),
    "wrote_to_staff": Notice(
        "somebody has written to you on a messaging app",
        "`python -m bot handover list` names the conversation, `show` what was written, `say` answers.",
    ),
}
