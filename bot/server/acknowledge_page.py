"""The page on which a provider says "I have it". Mail programs open links by themselves, so only its button counts."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
import re
from enum import Enum
from string import Template
from typing import Callable, Dict

import structlog
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import html as html_response
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.clock import now
from bot.correlation import in_context
from bot.errors import AssistantError
from bot.handoff.acknowledge import acknowledge, may_acknowledge
from bot.settings import ROOT, Clinic
from bot.storage.database import engine, transaction

log = structlog.get_logger(__name__)

PAGE = Template((ROOT / "bot" / "web" / "acknowledge.html").read_text(encoding="utf-8"))
PATH = "/enquiries/<code:str>/<token:str>"
BUTTON = '<form method="post"><button type="submit">Yes, I have it</button></form>'


class Words(Enum):
    """The pages: status, heading, text and form."""

    ASK = (200, "Do you have this enquiry?", "Please confirm that you take care of it; nobody else is asked then.", BUTTON)
    DONE = (200, "Thank you", "It is noted that you have this enquiry. You can close this page.", "")
    NOTHING = (
        404,
        "There is nothing to confirm here",
        "The link may be incomplete, or the enquiry was withdrawn. If you expected one, please ask $clinic.",
        "",
    )
    LATER = (503, "This does not work at the moment", "Nothing was noted. Please try again in a few minutes.", "")


def add_acknowledge_page(app: Sanic, clinic: Clinic) -> None:
    """Adds the page that `bot.handoff.acknowledge.acknowledge_link` leads to.

    Args:
        app: the server.
        clinic: named where there is nothing to confirm.
    """
    pages = {words: _page(words, clinic) for words in Words}

    @app.get(PATH)
    async def ask(request: Request, code: str, token: str) -> HTTPResponse:
        return await _answer(pages, lambda: _looked_up(code, token))

    @app.post(PATH)
    async def confirm(request: Request, code: str, token: str) -> HTTPResponse:
        return await _answer(pages, lambda: _confirmed(code, token))


async def _answer(pages: Dict[Words, str], work: Callable[[], Words]) -> HTTPResponse:
    """Does the work in a thread, because the database may take its time."""
    try:
        words = await asyncio.get_running_loop().run_in_executor(None, in_context(work))
    except (SQLAlchemyError, AssistantError) as error:
        log.error("acknowledge.failed", error=type(error).__name__)
        words = Words.LATER
    return html_response(pages[words], status=words.value[0], headers=HEADERS)


def _looked_up(code: str, token: str) -> Words:
    with Session(engine(), future=True) as session:
        return Words.ASK if may_acknowledge(session, code, token) else Words.NOTHING


def _confirmed(code: str, token: str) -> Words:
    with transaction(engine()) as session:
        return Words.DONE if acknowledge(session, code, token, now()) else Words.NOTHING


def _page(words: Words, clinic: Clinic) -> str:
    _, heading, text, form = words.value
    shown = Template(text).substitute(clinic=html.escape(clinic.name))
    return PAGE.substitute(heading=heading, text=shown, form=form)


def _style_hash() -> str:
    style = re.findall(r"<style>(.*?)</style>", PAGE.template, re.DOTALL)[0]
    return base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")


HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_style_hash()}'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
