"""What a visitor of the widget may take away or take back: the transcript, and all that the conversation left behind."""

from __future__ import annotations

from datetime import datetime
from typing import List

from sqlalchemy import select

from bot.channels.widget_log import VISITOR as FROM_VISITOR
from bot.channels.widget_log import Entry
from bot.privacy.audit import VISITOR
from bot.privacy.encryption import vault
from bot.privacy.erasure import erase_enquiries
from bot.privacy.leftovers import erasing
from bot.settings import settings
from bot.storage.database import engine
from bot.storage.models import Enquiry


def transcript(greeting: str, entries: List[Entry]) -> str:
    """Returns a conversation as plain text, with the section that an answer comes from.

    Args:
        greeting: that the widget shows before the first message.
        entries: of the log, in order.
    """
    said = [f"Assistant: {greeting}"]
    for entry in entries:
        said.append(f"{'You' if entry['from'] == FROM_VISITOR else 'Assistant'}: {entry['text']}")
        said += [f"  Source: {_source(source)}" for source in entry.get("citations") or []]
    return "\n\n".join(said) + "\n"


def _source(source: Entry) -> str:
    return f"{source['section']}, {source['url']}" if source.get("url") else str(source["section"])


def deleted(conversation: str, at: datetime) -> int:
    """Erases the enquiries that were sent from a conversation, as `privacy erase` does, and returns how many there were.

    Whoever has one is asked to delete it; what is not sent yet never will be.

    Args:
        conversation: whose session asks, which is proof enough.
        at: the time, in UTC.

    Raises:
        OSError: a file in the mail folder cannot be deleted.
    """
    with erasing(engine()) as session:
        sent_here = select(Enquiry).where(
            Enquiry.conversation_mark == vault().mark(conversation), Enquiry.contact_mark.is_not(None)
        )
        found = list(session.execute(sent_here.order_by(Enquiry.id)).scalars())
        for mark in dict.fromkeys(enquiry.contact_mark for enquiry in found):
            of_contact = [enquiry for enquiry in found if enquiry.contact_mark == mark]
            erase_enquiries(session, mark, of_contact, at, VISITOR, settings())
        return len(found)
