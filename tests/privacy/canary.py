"""A visitor who does not exist and whose details are like nothing else, and a search for them in every spelling."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import MetaData, select
from sqlalchemy.engine import Engine

NAME = "Zaphyrine"
SURNAME = "Quillorca"
PHONE = "780-555-0176"
EMAIL = "zaphyrine.quillorca@example.com"

Say = Callable[[str], object]


def tell_everything(say: Say) -> None:
    """Starts the form and says the details in every way that people have."""
    say("I'd like to find a cosmetic provider")
    say(f"I'm {NAME}, text me on {PHONE} after five, it's about wrinkles, in Grande Prairie")
    say("no, the number is 780.555.0176")
    say(f"no, the email is {EMAIL.upper()}")
    say(f"is it safe? {NAME} {SURNAME} was told otherwise at (780) 555 0176")
    say(f"{NAME} can't breathe and her chest hurts, call +1 780 555 0176")
    say(f"{NAME.lower()} flurb wibble 7805550176 zzxq")
    say("it is seven eight zero five five five zero one seven six")


def send_and_erase(say: Say) -> None:
    """Leaves an enquiry, and has it deleted again in the same conversation."""
    say("I'd like to find a cosmetic provider")
    say(f"I'm {NAME}, {EMAIL} is best, about wrinkles, in Grande Prairie, after five")
    say("whoever can answer first")
    say("yes, send it")
    say(f"my name is {NAME} {SURNAME}, please delete what you have about me")
    say(f"it's {EMAIL}")
    say("yes, delete it")


@lru_cache(maxsize=1)
def needles() -> re.Pattern[bytes]:
    """Returns what matches the details in a text in small letters, however they are spelt or encoded."""
    plain = [NAME, SURNAME, EMAIL, quote(EMAIL)]
    patterns = [re.escape(spelt.lower().encode()) for spelt in plain]
    patterns += [re.escape(NAME.lower().encode("utf-16-le")), b"555[^0-9a-f]{0,3}0176", b"five five five zero one seven six"]
    for text in (NAME, NAME.lower(), EMAIL, EMAIL.upper(), "+17805550176", "7805550176", PHONE):
        patterns += [re.escape(part.lower()) for part in _inside_base64(text)]
    return re.compile(b"|".join(patterns))


def found_in(where: str, content: bytes) -> Iterator[str]:
    """Yields a line for each finding."""
    lowered = content.lower()
    for match in needles().finditer(lowered):
        around = lowered[max(0, match.start() - 60) : match.end() + 20]
        yield f"{where}: {around!r}"


def found_in_tables(engine: Engine) -> Iterator[str]:
    """Searches every column of every table."""
    tables = MetaData()
    tables.reflect(bind=engine)
    assert len(tables.tables) >= 8
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)):
                yield from found_in(f"table {table.name}", json.dumps(dict(row._mapping), default=str).encode())


def found_in_files(folder: Path) -> Iterator[str]:
    """Searches every file under a folder, as it lies on the disk."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        with suppress(FileNotFoundError):  # a database may tidy up one of its own meanwhile
            yield from found_in(str(path.relative_to(folder)), path.read_bytes())


def _inside_base64(text: str) -> Iterator[bytes]:
    """Yields what of a text's base64 does not depend on what stands before and after it."""
    for before in range(3):
        encoded = base64.b64encode(b"." * before + text.encode())
        yield encoded[(8 * before + 5) // 6 : (8 * (before + len(text))) // 6]
