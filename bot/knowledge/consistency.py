"""Do examples, rules, answers, labels, sections and short forms agree? Says in plain words what is missing.

`python -m bot check` prints it; docs/adding-a-question.md leads through it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Set

from bot.handoff.enquiry_form import FIELDS
from bot.handoff.records_form import FIELDS as RECORDS_FIELDS
from bot.handoff.states import STATES
from bot.knowledge import files
from bot.knowledge.questions import (
    BY_INTENT,
    OFFERING,
    QUESTIONS,
    SMALL_TALK_FACETS,
    WITHOUT_MORE,
    Question,
    answer_name,
    answer_names,
    facets_of,
)
from bot.knowledge.sections import SECTIONS
from bot.settings import ROOT, Clinic

LEAST_EXAMPLES = 60
LEAST_SAFETY_EXAMPLES = 150
LEAST_STEERING_EXAMPLES = 40
LEAST_FACET_EXAMPLES = 15
LONGEST_LABEL = 25
LONGEST_SHORT_FORM = 300
"""Characters; two SMS segments of the plain alphabet."""

MANY = frozenset({"urgent_symptom", "urgent_crisis", "out_of_scope"})
PLACEHOLDERS = frozenset({"contact", "booking", "hours", "location", "limit", "call_back", "offer"})
ENQUIRY_PLACEHOLDERS = frozenset(
    [
        "number",
        "provider_name",
        "profession",
        "practice",
        "town",
        "services",
        "verified_on",
        "register_link",
        "tie",
        "first_name",
        "contact_kind",
        "visitor_contact",
        "concern",
        "best_time",
        "receiver",
        "days",
        "code",
        "made_on",
        "until",
        "state",
        "sent_to",
        "question",
    ]
)
"""Filled in by the actions of the forms, in the responses utter_enquiry_…, utter_records_… and utter_status_…"""
OF_FORMS = ("utter_enquiry_", "utter_records_", "utter_status_")
OFFER = "{offer}"
ASKED_BY_ACTION = frozenset({("ask", "provider"), ("ask", "consent")})
BUILT = (
    "utter_part_",
    "utter_ask_enquiry_",
    "utter_why_enquiry_",
    "utter_wrong_enquiry_",
    "utter_enquiry_",
    "utter_status_",
    "utter_ask_lookup_",
    "utter_ask_records_",
    "utter_records_why_",
    "utter_records_wrong_",
    "utter_records_without_",
    "utter_records_shown_",
)
"""Starts of names that code puts together."""


class Files(NamedTuple):
    """What is on disk."""

    blocks: List[files.Block]
    responses: Dict[str, List[Dict[str, Any]]]
    intents: List[str]
    turns: Set[str]
    named: Set[str]


def problems(root: Path = ROOT) -> List[str]:
    """Returns what does not agree, one sentence each; nothing when all is well."""
    on_disk = Files(
        files.examples(root),
        files.responses(root),
        files.intents(root),
        files.intents_with_a_turn(root),
        files.response_names_in_code(root),
    )
    checks: List[Callable[[Files], Iterator[str]]]
    checks = [_examples, _facets, _turns, _answers, _labels, _texts, _form, _records, _dead]
    return [problem for check in checks for problem in check(on_disk)]


def _examples(on_disk: Files) -> Iterator[str]:
    counts: Dict[str, int] = {}
    home: Dict[str, str] = {}
    for block in on_disk.blocks:
        counts[block.intent] = counts.get(block.intent, 0) + len(block.examples)
        for text in block.examples:
            other = home.setdefault(text.lower(), block.intent)
            if other != block.intent:
                yield f"The example “{text}” is in two intents, {other} and {block.intent}; keep it in one."
    for intent in on_disk.intents:
        needed = (
            LEAST_SAFETY_EXAMPLES if intent in MANY else LEAST_EXAMPLES if intent in BY_INTENT else LEAST_STEERING_EXAMPLES
        )
        if counts.get(intent, 0) < needed:
            yield f"The intent {intent} has {counts.get(intent, 0)} examples in data/nlu.yml; it needs at least {needed}."
    for intent in sorted(set(counts) - set(on_disk.intents)):
        yield f"data/nlu.yml has examples of {intent}, which no file in domain/ lists under intents."


def _facets(on_disk: Files) -> Iterator[str]:
    counts: Dict[tuple[str, str], int] = {}
    for block in on_disk.blocks:
        if block.urgency not in (None, "amber"):
            yield f"A block of {block.intent} has the urgency {block.urgency}; only amber is known."
        if block.facet:
            counts[block.intent, block.facet] = counts.get((block.intent, block.facet), 0) + len(block.examples)
    expected = {(intent, facet) for intent in [*BY_INTENT, *SMALL_TALK_FACETS] for facet in facets_of(intent)}
    for intent, facet in sorted(expected):
        if counts.get((intent, facet), 0) < LEAST_FACET_EXAMPLES:
            yield f"The facet {facet} of {intent} needs at least {LEAST_FACET_EXAMPLES} examples in data/nlu.yml."
    for intent, facet in sorted(set(counts) - expected):
        yield f"data/nlu.yml has the facet {facet} of {intent}, which bot/knowledge/questions.py does not name."


def _turns(on_disk: Files) -> Iterator[str]:
    for intent in on_disk.intents:
        if intent not in on_disk.turns:
            yield f"No rule in data/rules.yml and no story in data/stories.yml says what to do for the intent {intent}."


def _answers(on_disk: Files) -> Iterator[str]:
    for name in answer_names():
        if name not in on_disk.responses:
            yield f"The answer {name} is missing in domain/."
    for question in QUESTIONS:
        yield from _answer(question, on_disk)


def _answer(question: Question, on_disk: Files) -> Iterator[str]:
    variations = on_disk.responses.get(answer_name(question.intent), [])
    if question.section is not None and question.section not in SECTIONS:
        yield f"{question.intent} names the section {question.section}, which bot/knowledge/sections.py does not have."
    for variation in variations:
        source = (variation.get("metadata") or {}).get("source")
        if source != question.section:
            yield f"{question.intent} comes from the section {question.section}, but its answer names the source {source}."
        if variation.get("channel") is None and (OFFER in variation["text"].lower()) != (question.intent in OFFERING):
            yield f"The answer of {question.intent} and OFFERING differ on whether it offers to pass the question on."
    if question.intent not in WITHOUT_MORE and f"utter_{question.intent}_more" not in on_disk.responses:
        yield f"There is no utter_{question.intent}_more for “tell me more” after {question.intent}."
    longest = max((len(variation["text"]) for variation in variations), default=0)
    if longest > LONGEST_SHORT_FORM and not any(variation.get("channel") == "text" for variation in variations):
        yield f"The answer of {question.intent} has no short form (channel: text) for text-only channels."


def _labels(on_disk: Files) -> Iterator[str]:
    labels = [question.label for question in QUESTIONS]
    for question in QUESTIONS:
        if len(question.label) > LONGEST_LABEL:
            yield f"The label “{question.label}” is longer than {LONGEST_LABEL} characters."
        if labels.count(question.label) > 1:
            yield f"The label “{question.label}” belongs to more than one question."
        if not 2 <= len(question.follow_ups) <= 3:
            yield f"{question.intent} needs two or three follow-ups."
        for follow_up in question.follow_ups:
            if follow_up not in BY_INTENT or follow_up == question.intent:
                yield f"{question.intent} suggests {follow_up}, which is not another question."


def _texts(on_disk: Files) -> Iterator[str]:
    known = PLACEHOLDERS | set(Clinic(name="sample", town="sample").facts())
    for name, variations in on_disk.responses.items():
        for variation in variations:
            filled = known | (ENQUIRY_PLACEHOLDERS if name.startswith(OF_FORMS) else set())
            for placeholder in re.findall(r"{([^}]*)}", variation["text"]):
                if placeholder not in filled:
                    yield f"{name} has the placeholder {{{placeholder}}}, which nothing fills in."
            if variation.get("channel") == "text" and len(variation["text"]) > LONGEST_SHORT_FORM:
                yield f"The short form of {name} is longer than {LONGEST_SHORT_FORM} characters."


def _form(on_disk: Files) -> Iterator[str]:
    for field in FIELDS:
        for kind in ("ask", "why", "wrong"):
            name = f"utter_{kind}_enquiry_{field}"
            if name not in on_disk.responses and (kind, field) not in ASKED_BY_ACTION:
                yield f"The form asks for {field}, but {name} is missing in domain/."


def _records(on_disk: Files) -> Iterator[str]:
    for field in RECORDS_FIELDS:
        for name in (f"utter_ask_{field}", f"utter_records_why_{field}", f"utter_records_wrong_{field}"):
            if name not in on_disk.responses:
                yield f"The records form asks for {field}, but {name} is missing in domain/."
    for state in STATES:
        if state != "erased" and not {f"utter_status_{state}", f"utter_part_state_{state}"} <= set(on_disk.responses):
            yield f"An enquiry can be {state}, but utter_status_{state} or utter_part_state_{state} is missing in domain/."


def _dead(on_disk: Files) -> Iterator[str]:
    reachable = set(answer_names()) | {f"utter_{intent}_more" for intent in BY_INTENT} | on_disk.named
    for name in sorted(set(on_disk.responses) - reachable):
        if not name.startswith(BUILT):
            yield f"Nothing ever says {name}."
