"""The tables of the assistant (SQLAlchemy 1.4 in the style of 2.0). Every change comes with a migration.

Times are UTC without a zone, the same in SQLite and PostgreSQL. Columns that end in `_sealed` are encrypted
(`bot.privacy.encryption`), those that end in `_mark` are keyed hashes: they can be looked up but not read.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import declarative_base

Base: Any = declarative_base()


class OpenQuestion(Base):
    """A question that the assistant could not answer; holds nothing personal and no conversation id."""

    __tablename__ = "open_questions"

    id = Column(Integer, primary_key=True)
    text = Column(String(1000), nullable=False)
    reason = Column(String(20), nullable=False)
    times = Column(Integer, nullable=False, default=1)
    noted_at = Column(DateTime, nullable=False, server_default=func.now())


class Provider(Base):
    """Somebody who may be offered for cosmetic needling; what each field is for: docs/providers.md."""

    __tablename__ = "providers"

    id = Column(Integer, primary_key=True)
    key = Column(String(60), nullable=False, unique=True)
    """Short name by which staff and imports know the entry, e.g. `sample-one`."""
    legal_name = Column(String(120), nullable=False)
    practice = Column(String(120), nullable=False)
    profession = Column(String(60), nullable=False)
    regulator = Column(String(120), nullable=False)
    registration_number = Column(String(40), nullable=False)
    register_type = Column(String(60), nullable=False)
    permit_status = Column(String(20), nullable=False)
    permit_expires = Column(Date, nullable=False)
    permit_conditions = Column(Text, nullable=False, default="")
    needle_authorisation = Column(Boolean, nullable=False)
    needle_authorisation_source = Column(String(200), nullable=False, default="")
    services = Column(JSON, nullable=False)
    """List of concerns, see `bot.handoff.concerns`."""
    training_course = Column(String(200), nullable=False, default="")
    training_date = Column(Date)
    training_evidence = Column(String(200), nullable=False, default="")
    years_of_facial_needling = Column(Integer, nullable=False, default=0)
    insurance_expires = Column(Date, nullable=False)
    town = Column(String(80), nullable=False)
    languages = Column(JSON, nullable=False)
    """List of two-letter codes, e.g. ["en", "fr"]."""
    contact_by = Column(JSON, nullable=False)
    """How the provider can reach visitors: list out of phone, text, email."""
    register_link = Column(String(300), nullable=False)
    financial_relationship = Column(String(300), nullable=False, default="")
    """Shown to the visitor; empty when there is none."""
    consented_on = Column(Date)
    """When the provider agreed to be listed."""
    route = Column(String(10), nullable=False)
    """email or webhook."""
    address = Column(String(300), nullable=False)
    """Email address or https URL."""
    webhook_secret_sealed = Column(Text)
    verified_on = Column(Date)
    verified_by = Column(String(80), nullable=False, default="")
    next_check_due = Column(Date)
    sample = Column(Boolean, nullable=False, default=False)
    retired_on = Column(Date)
    last_given_at = Column(DateTime)
    """When the provider was last given an enquiry; the one who waited longest comes first."""


class Enquiry(Base):
    """What a visitor asked to have passed on. No health details; contact fields are sealed."""

    __tablename__ = "enquiries"

    id = Column(Integer, primary_key=True)
    code = Column(String(20), nullable=False, unique=True)
    """Reference code that the visitor keeps."""
    idempotency_key = Column(String(64), nullable=False, unique=True)
    """One form filled in once: the same enquiry sent twice finds the first."""
    kind = Column(String(10), nullable=False)
    """cosmetic, question or call_back."""
    state = Column(String(20), nullable=False)
    """See `bot.handoff.states`."""
    conversation_mark = Column(String(64), nullable=False, index=True)
    contact_mark = Column(String(64), index=True)
    first_name_sealed = Column(Text)
    contact_sealed = Column(Text)
    contact_kind = Column(String(10))
    """phone, text or email."""
    concern = Column(String(20), nullable=False)
    town = Column(String(80), nullable=False, default="")
    language = Column(String(2), nullable=False, default="en")
    best_time = Column(String(120), nullable=False, default="")
    question = Column(String(500), nullable=False, default="")
    """For kind `question`: redacted."""
    provider_id = Column(Integer, ForeignKey("providers.id"))
    may_pass_on = Column(Boolean, nullable=False, default=False)
    """The visitor agreed that another matching provider gets it when the first does not answer."""
    created_at = Column(DateTime, nullable=False)
    changed_at = Column(DateTime, nullable=False)
    delivered_at = Column(DateTime)
    reminded_at = Column(DateTime)
    acknowledged_at = Column(DateTime)


class Consent(Base):
    """What a visitor agreed to, in the words that were shown."""

    __tablename__ = "consents"

    id = Column(Integer, primary_key=True)
    enquiry_id = Column(Integer, ForeignKey("enquiries.id", ondelete="CASCADE"), nullable=False, index=True)
    provider_id = Column(Integer, ForeignKey("providers.id"))
    kind = Column(String(20), nullable=False)
    """share: with the named provider (or the clinic); next_provider: with another one when that one does not answer."""
    text_version = Column(String(20), nullable=False)
    text = Column(Text, nullable=False)
    """As shown, with placeholders instead of the visitor's own details."""
    given_at = Column(DateTime, nullable=False)
    holds_until = Column(DateTime, nullable=False)
    withdrawn_at = Column(DateTime)


class Delivery(Base):
    """The outbox: one message to one receiver. It holds no content; that is made from the enquiry when it is sent."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_due", "state", "next_try_at"),)

    id = Column(Integer, primary_key=True)
    enquiry_id = Column(Integer, ForeignKey("enquiries.id", ondelete="CASCADE"), index=True)
    provider_id = Column(Integer, ForeignKey("providers.id"))
    """None: to the clinic's staff."""
    kind = Column(String(20), nullable=False)
    """enquiry, reminder, withdrawn or notice."""
    subject = Column(String(40), nullable=False, default="")
    """For a notice to staff: what happened, e.g. no_provider, gave_up, not_acknowledged."""
    idempotency_key = Column(String(64), nullable=False, unique=True)
    state = Column(String(10), nullable=False)
    """pending, sending, sent, dead or cancelled."""
    attempts = Column(Integer, nullable=False, default=0)
    next_try_at = Column(DateTime, nullable=False)
    leased_until = Column(DateTime)
    leased_by = Column(String(64))
    last_error = Column(String(120), nullable=False, default="")
    """Kind of error, never its text: that may repeat an address."""
    created_at = Column(DateTime, nullable=False)
    sent_at = Column(DateTime)


class AuditEntry(Base):
    """Who did what and when, without personal details."""

    __tablename__ = "audit"

    id = Column(Integer, primary_key=True)
    at = Column(DateTime, nullable=False, index=True)
    actor = Column(String(80), nullable=False)
    """visitor, worker, or staff:<name>."""
    action = Column(String(60), nullable=False)
    subject = Column(String(80), nullable=False, default="")
    """e.g. `enquiry 12`, `provider sample-one`."""
    detail = Column(String(200), nullable=False, default="")


class Attempt(Base):
    """A try at a reference code or an enquiry sent, to limit how many a conversation or contact may make in an hour."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_mark", "mark", "kind", "at"),)

    id = Column(Integer, primary_key=True)
    mark = Column(String(64), nullable=False)
    kind = Column(String(20), nullable=False)
    """enquiry, code or contact."""
    at = Column(DateTime, nullable=False)


class WidgetConversation(Base):
    """A conversation in the website's widget, as long as its session lives."""

    __tablename__ = "widget_conversations"

    id = Column(Integer, primary_key=True)
    mark = Column(String(64), nullable=False, unique=True)
    """Of the conversation's id, the same as `Enquiry.conversation_mark`."""
    used_at = Column(DateTime, nullable=False, index=True)
    last_seq = Column(Integer, nullable=False, default=0)
    """Place of the last message."""
    seen_seq = Column(Integer, nullable=False, default=0)
    """Up to where the visitor has seen it."""
    ended_at = Column(DateTime)
    """When the visitor deleted it: its token then opens nothing."""


class WidgetMessage(Base):
    """One message in the widget, kept for whoever is cut off, and sealed."""

    __tablename__ = "widget_messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq", name="uq_widget_messages_seq"),
        UniqueConstraint("conversation_id", "message_id", name="uq_widget_messages_message_id"),
        Index("ix_widget_messages_claimed_by", "claimed_by"),
    )

    id = Column(Integer, primary_key=True)
    conversation_id = Column(Integer, ForeignKey("widget_conversations.id", ondelete="CASCADE"), nullable=False)
    seq = Column(Integer, nullable=False)
    author = Column(String(10), nullable=False)
    """visitor or assistant."""
    message_id = Column(String(64))
    """Of a visitor's message: given by the widget, so that it counts once however often it arrives."""
    reply_to = Column(String(64))
    """Of a reply: the message_id that it answers."""
    content_sealed = Column(Text, nullable=False)
    """JSON: text, and payload or quick_replies, citations and kind."""
    at = Column(DateTime, nullable=False)
    answered_at = Column(DateTime)
    claimed_until = Column(DateTime)
    """A process is answering it until then at the latest."""
    claimed_by = Column(Integer)
    """The replica that is; None when it is answered, and in SQLite."""


class Conversation(Base):
    """A conversation as Rasa sees it, until its session has run out."""

    __tablename__ = "conversations"

    id = Column(Integer, primary_key=True)
    mark = Column(String(64), nullable=False, unique=True)
    """Of its id, the same as `Enquiry.conversation_mark`."""
    version = Column(Integer, nullable=False)
    """Another one at every turn, drawn at random; who has read another version than stands there may not write."""
    used_at = Column(DateTime, nullable=False, index=True)
    content_sealed = Column(Text, nullable=False)
    """JSON: events, and whether they hold details of the visitor."""


class MessagingSender(Base):
    """Somebody who writes by a messaging app: a mark, where to answer, and who answers them: the assistant, or staff."""

    __tablename__ = "messaging_senders"

    id = Column(Integer, primary_key=True)
    mark = Column(String(64), nullable=False, unique=True)
    """Of the conversation's id, the same as `Enquiry.conversation_mark`; staff know it by its first digits."""
    used_at = Column(DateTime, nullable=False, index=True)
    address_sealed = Column(Text)
    """JSON: channel, id of the conversation, and where to write; None while they want no messages."""
    choices_sealed = Column(Text)
    """JSON: what a bare number means, until the next answer."""
    stopped_at = Column(DateTime)
    """When they asked not to be written to any more."""
    handed_over_at = Column(DateTime)
    """Since when staff answer them; None when the assistant does."""
    handed_over_until = Column(DateTime, index=True)
    """When the assistant answers them again, unless somebody writes before that."""
    claimed_until = Column(DateTime)
    """A process is answering their messages until then, unless it says that it goes on."""
    claimed_by = Column(Integer)
    """Number of that process."""


class MessagingMessage(Base):
    """A message from a messaging app, kept until it is answered; afterwards only the mark by which it is known again.

    Or one of staff's, kept until it is sent. What either side said while staff had the conversation stays for staff to read.
    """

    __tablename__ = "messaging_messages"
    __table_args__ = (Index("ix_messaging_messages_open", "finished_at", "sender_id"),)

    id = Column(Integer, primary_key=True)
    sender_id = Column(Integer, ForeignKey("messaging_senders.id", ondelete="CASCADE"), nullable=False, index=True)
    mark = Column(String(64), nullable=False, unique=True)
    """Of the service's id of the message, so that it counts once however often it arrives."""
    author = Column(String(10), nullable=False, default="visitor", server_default="visitor")
    """visitor or staff."""
    place = Column(BigInteger, nullable=False, default=0)
    """In the order of the service, which may deliver in another one."""
    at = Column(DateTime, nullable=False)
    content_sealed = Column(Text)
    """JSON: channel, where to answer, and what was said."""
    replies_sealed = Column(Text)
    """JSON: the answer, from when it is given until it is sent."""
    said_sealed = Column(Text)
    """The words alone, for staff to read."""
    read_at = Column(DateTime)
    """When staff read them."""
    tries = Column(Integer, nullable=False, default=0)
    """How often a process began with it."""
    sent = Column(Integer, nullable=False, default=0)
    """How many messages of the answer the service has taken."""
    finished_at = Column(DateTime)
    outcome = Column(String(40), nullable=False, default="")
    """sent, silent (they had asked not to be written to), unwanted, or why it was given up."""


class KeptAnswer(Base):
    """The answer to a message that another system sent with an id, so that the same again gets the same."""

    __tablename__ = "kept_answers"

    id = Column(Integer, primary_key=True)
    mark = Column(String(64), nullable=False, unique=True)
    """Of the message's id within its conversation."""
    conversation_mark = Column(String(64), nullable=False, index=True)
    """The same as `Enquiry.conversation_mark`."""
    at = Column(DateTime, nullable=False, index=True)
    claimed_until = Column(DateTime, nullable=False)
    """While there is no answer: a server is making one until then."""
    answer_sealed = Column(Text)
    """JSON: the messages."""
