"""Graph component: folds what was read in the parts of a message back into one result.

An urgent part wins over everything; several questions become a list; one question stays one intent; what is unlike
anything known becomes nlu_fallback.
"""

from __future__ import annotations

from math import exp
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.clauses import ASKS, PIECE, QUESTION, ROLE, STATEMENT, WHOLE
from bot.nlu.reading import READING, Reading
from bot.nlu.text import tidied
from bot.nlu.urgency import ALARM, AMBER, CRISIS, NONE, SYMPTOM, Alarm

FALLBACK = "nlu_fallback"
QUESTIONS = "questions"
FACETS = "facets"
URGENCY = "urgency"
DISTRESS = "distress"
TRACE = "trace"
STEERING = frozenset(
    [
        "greet",
        "goodbye",
        "thanks",
        "affirm",
        "deny",
        "more_detail",
        "repeat_clarify",
        "cancel",
        "correct_detail",
        "skip",
        "inform",
        "language_switch",
        "out_of_scope",
    ]
)
WISHES = frozenset({"enquire_cosmetic", "human_handoff"})
"""Intents that start a form, which answers the other questions of the message first."""
SURE_WISH = 0.8
"""Share of both wishes, of a question beside others: "who at the desk" is less sure than "can someone get ahold of me"."""
SURE_PART = 0.75
"""Of a part of a message that as a whole is like nothing known: "…and I lost the sheet, so could somebody phone me?" """
UNSURE_WHOLE, PLAIN = 0.6, 0.95
"""Confidence of a whole message below which, and of a question in it from which on, the question alone counts."""
LIKELY = 0.35
"""Of the whole message, when a part of it is surer of the same: a story around one question."""
WISH_ALONE = 0.5
"""A question without what leads to it counts only as a wish: "…crooked on one side. I would like someone to call me." """
RANKING_LENGTH = 5
SURE_WITHOUT_A_KNOWN_WORD = 0.7
CALM = -20.0
CLEARLY_NOT_AMBER = -4.0
CALM_WHOLE = -3.0
"""Log-odds; set as UNLIKE was: "he will write to me?" alone resembled a crisis in a message that had nothing of one."""
UNLIKE = 0.55
"""Cosine to the nearest example; at this bound none of 309 held-out emergencies is lost, and a rare name is left alone."""
LIKE_AMBER = 0.6
"""Cosine from which on a part without a sign may be amber; "anyone is ok for me" was less like "im not ok"."""
FEWEST_WORDS = 2
"""Of a part of a message that alarms without a sign."""


class Urgency(NamedTuple):
    """What the safety check decided for the whole message."""

    level: str
    """none, amber, urgent_symptom or urgent_crisis."""
    confidence: float
    distress: bool
    """The amber is about low spirits rather than about the body."""


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class Merge(GraphComponent):
    """Comes last; passes on the first message of the batch alone."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Returns the thresholds; how they were set: docs/decisions/safety.md and understanding.md."""
        return {
            "symptom": -1.0,
            "crisis": -1.0,
            "amber": 0.0,
            "reject": 0.47,
            "several": 0.35,
            "one": 0.9,
            "stated": 0.9,
        }

    def __init__(self, config: Dict[str, Any]) -> None:
        """Keeps the thresholds."""
        self._config = config
        several, never = config["several"], 2.0
        self._needed = {WHOLE: several, QUESTION: several, STATEMENT: config["stated"], PIECE: never}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Merge:
        """Creates the component; it learns nothing."""
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        """Returns the whole messages with intent, ranking, questions, facets, urgency and trace."""
        groups: List[List[Message]] = []
        for message in messages:
            if message.get(ROLE, WHOLE) == WHOLE:
                groups.append([])
            groups[-1].append(message)
        return [self._fold(group) for group in groups]

    def _fold(self, group: List[Message]) -> Message:
        message, reading = group[0], _without_small_talk(group)
        questions = self._questions(group)
        urgency = self._urgency(group)
        name, confidence = reading.intent, reading.confidence
        facets = [question.facet for question in questions or [reading]]
        if urgency.level in (SYMPTOM, CRISIS):
            name, confidence, questions = urgency.level, urgency.confidence, []
        elif len(questions) > 1:
            asked = _main_one(questions, reading)
            name, confidence = asked.intent, asked.confidence
        elif (plain := _plain_question(group)) is not None:
            name, confidence, facets = plain.intent, plain.confidence, [plain.facet]
        elif name in (SYMPTOM, CRISIS) or confidence < self._config["reject"] or not _readable(message):
            part = _sure_part(group)
            name, confidence = (part.intent, part.confidence) if part else (FALLBACK, confidence)
            facets = [part.facet] if part else facets
        message.set(INTENT, {"name": name, "confidence": confidence}, add_to_output=True)
        message.set(INTENT_RANKING_KEY, _ranking(reading), add_to_output=True)
        message.set(QUESTIONS, [question.intent for question in questions], add_to_output=True)
        message.set(FACETS, facets, add_to_output=True)
        message.set(URGENCY, urgency.level, add_to_output=True)
        message.set(DISTRESS, urgency.distress, add_to_output=True)
        message.set(TRACE, [_trace(part) for part in group], add_to_output=True)
        return message

    def _questions(self, group: List[Message]) -> List[Reading]:
        """Returns the readings of at least two different questions, in order, or nothing."""
        found: Dict[Tuple[str, Optional[str]], Reading] = {}
        for part in [*group[1:], *(group[:1] if group[0].get(ASKS) else [])]:
            reading: Reading = part.get(READING)
            needed = WISH_ALONE if part.get(ROLE) == PIECE and reading.intent in WISHES else self._needed[part.get(ROLE)]
            if reading.intent in STEERING | {SYMPTOM, CRISIS}:
                continue
            if reading.confidence >= needed:
                found.setdefault((reading.intent, reading.facet), reading)
        whole: Reading = group[0].get(READING)
        is_one = whole.intent not in {intent for intent, _ in found} and whole.confidence >= self._config["one"]
        return list(found.values()) if len(found) > 1 and not is_one else []

    def _urgency(self, group: List[Message]) -> Urgency:
        is_calm = _loudest(group[0]) < CALM_WHOLE
        alarms: List[Alarm] = [part.get(ALARM) for part in group if _may_alarm(part, is_calm and part is not group[0])]
        symptom = max((alarm.symptom for alarm in alarms), default=CALM)
        crisis = max((alarm.crisis for alarm in alarms), default=CALM)
        amber = max((part.get(ALARM).amber for part in group if _may_be_amber(part)), default=CALM)
        if group[0].get(ALARM).amber < CLEARLY_NOT_AMBER:
            amber = CALM  # one plaintive clause does not colour an ordinary question
        over = {SYMPTOM: symptom - self._config["symptom"], CRISIS: crisis - self._config["crisis"]}
        level = max(over, key=lambda name: over[name])
        if over[level] >= 0:
            return Urgency(level, _probability(max(symptom, crisis)), False)
        whole: Reading = group[0].get(READING)
        # "Should I go to the hospital?" is as far from the one as from the other.
        distress = crisis > symptom and whole.intent != "medical_advice"
        if amber >= self._config["amber"]:
            return Urgency(AMBER, _probability(amber), distress)
        return Urgency(NONE, 1 - _probability(max(symptom, crisis)), False)


def _without_small_talk(group: List[Message]) -> Reading:
    """Returns how the message is read: "hm ok. how about the jaw?" as its question, where that is surer than the whole."""
    whole: Reading = group[0].get(READING)
    statements = [part.get(READING) for part in group if part.get(ROLE) == STATEMENT]
    questions = [part.get(READING) for part in group if part.get(ROLE) == PIECE]
    is_small_talk = bool(statements) and all(statement.intent in STEERING for statement in statements)
    if not is_small_talk or len(questions) != 1:
        return whole
    return max(whole, questions[0], key=lambda reading: reading.confidence)


def _sure_part(group: List[Message]) -> Optional[Reading]:
    """Returns the part that tells what a message is about which is not understood as a whole; None when no part does."""
    whole: Reading = group[0].get(READING)
    parts: List[Reading] = [part.get(READING) for part in group[1:] if _readable(part)]
    sure = [part for part in parts if part.confidence >= SURE_PART]
    wishes = [part for part in sure if part.intent in WISHES]
    same = [part for part in sure if part.intent == whole.intent and whole.confidence >= LIKELY]
    return next((part for part in [*wishes, *same] if part.intent not in STEERING | {SYMPTOM, CRISIS}), None)


def _plain_question(group: List[Message]) -> Optional[Reading]:
    """Returns the question of a message that is clear where the whole is not: "ok if I'm pregnant? it's for my wrinkles"."""
    whole: Reading = group[0].get(READING)
    if whole.confidence >= UNSURE_WHOLE:
        return None
    asked: List[Reading] = [part.get(READING) for part in group[1:] if part.get(ROLE) == QUESTION and _readable(part)]
    clear = [part for part in asked if part.confidence >= PLAIN and part.intent not in STEERING | {SYMPTOM, CRISIS}]
    return clear[0] if clear else None


def _main_one(questions: List[Reading], whole: Reading) -> Reading:
    """Returns what stands for several questions: a wish that somebody gets in touch, or what the whole message means."""
    wishes = [question for question in questions if question.intent in WISHES]
    if wishes and whole.intent in WISHES:
        return whole
    sure = [wish for wish in wishes if _share_of_wishes(wish) >= SURE_WISH]
    same = [question for question in questions if question.intent == whole.intent]
    return next(iter([*sure, *same, *questions]))


def _share_of_wishes(reading: Reading) -> float:
    """Returns the share of both wishes: "can someone get ahold of me?" is half of each."""
    return sum(share for intent, share in reading.ranking if intent in WISHES)


def _probability(log_odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, log_odds))))


def _readable(message: Message) -> bool:
    """Letters at random resemble short words; without a known word the reading has to be surer than usual."""
    reading: Reading = message.get(READING)
    words = any(character.isalnum() for character in tidied(message))
    return words and (reading.known or reading.confidence >= SURE_WITHOUT_A_KNOWN_WORD)


def _loudest(part: Message) -> float:
    alarm: Alarm = part.get(ALARM)
    return max(alarm.symptom, alarm.crisis)


def _may_alarm(part: Message, among_calm: bool) -> bool:
    """May what was read in a part raise the alarm?

    A part that names a sign may. Gibberish resembles badly misspelt emergencies: without a known word it takes a clear
    score. A word that the splitter left alone ("I've") resembles whatever short emergency begins with it. And what is unlike
    all examples resembles some emergency by chance: it takes even odds.

    Args:
        part: of a message.
        among_calm: the message as a whole is calm, so that one clause of it takes a clear score.
    """
    if part.get(ALARM).signs:
        return True
    if part.get(ROLE) != WHOLE and len(tidied(part).split()) < FEWEST_WORDS:
        return False
    reading: Reading = part.get(READING)
    if among_calm or not reading.known:
        return _loudest(part) > 1
    return reading.similarity >= UNLIKE or _loudest(part) >= 0


def _may_be_amber(part: Message) -> bool:
    return _may_alarm(part, among_calm=False) and (
        bool(part.get(ALARM).signs) or part.get(READING).similarity >= LIKE_AMBER
    )


def _ranking(reading: Reading) -> List[Dict[str, Any]]:
    return [{"name": intent, "confidence": share} for intent, share in reading.ranking[:RANKING_LENGTH]]


def _trace(part: Message) -> Dict[str, Any]:
    reading: Reading = part.get(READING)
    alarm: Alarm = part.get(ALARM)
    facet: Optional[str] = reading.facet
    return {
        "text": part.get(TEXT),
        "role": part.get(ROLE),
        "intent": f"{reading.intent}/{facet}" if facet else reading.intent,
        "confidence": round(reading.confidence, 3),
        "nearest": reading.nearest,
        "similarity": round(reading.similarity, 3),
        "symptom": round(alarm.symptom, 2),
        "crisis": round(alarm.crisis, 2),
        "amber": round(alarm.amber, 2),
        "signs": alarm.signs,
    }
