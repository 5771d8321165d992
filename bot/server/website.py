"""What the server shows in a browser: the page at /, and the files of the widget for any website."""

from __future__ import annotations

import asyncio
import hashlib
import html
from pathlib import Path
from string import Template
from typing import Dict, NamedTuple

import structlog
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, raw
from sanic.response import html as html_response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.correlation import in_context
from bot.settings import ROOT, Clinic, Settings
from bot.storage.database import engine

log = structlog.get_logger(__name__)

WEB = ROOT / "bot" / "web"
FILES = {"widget.js": "text/javascript", "widget-chat.js": "text/javascript", "site.css": "text/css"}
FRESH_SECONDS = 300
"""How long a browser may use the widget's files without asking; after an update both are new within that time."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html"
)
"""Of the page at /; what a clinic's own page needs of it: docs/website.md"""


class WebFile(NamedTuple):
    """A file as it is sent."""

    body: bytes
    headers: Dict[str, str]


def add_website(app: Sanic, configured: Settings, clinic: Clinic) -> None:
    """Adds the page and the files to the server."""
    page = Template((WEB / "index.html").read_text(encoding="utf-8"))
    facts = _facts(configured, clinic)

    @app.get("/")
    async def front(request: Request) -> HTTPResponse:
        well = await asyncio.get_running_loop().run_in_executor(None, in_context(_is_database_well))
        health = {
            "health_kind": "well" if well else "ill",
            "health": "The assistant is running, and so is its database."
            if well
            else "The assistant is running, but its database can't be reached.",
        }
        return html_response(page.substitute(facts, **health), headers={"Content-Security-Policy": POLICY})

    for name, kind in FILES.items():
        _add_file(app, name, _read(WEB / name, kind))


def _facts(configured: Settings, clinic: Clinic) -> Dict[str, str]:
    address = str(configured.public_url or f"http://{configured.host}:{configured.port}").rstrip("/")
    emergency = html.escape(clinic.emergency_number)
    return {
        "name": html.escape(clinic.name),
        "town": html.escape(clinic.town),
        "emergency": emergency,
        "address": html.escape(address),
        "snippet": html.escape(snippet(address, clinic)),
        "without_script": without_script(clinic),
    }


def snippet(address: str, clinic: Clinic) -> str:
    """Returns the lines that put the widget on a page, with what is shown where scripts are off.

    Args:
        address: of the assistant, without a slash at the end.
        clinic: whose phone number or booking page is shown then.
    """
    return f'<script src="{html.escape(address)}/widget.js" async></script>\n<noscript>{without_script(clinic)}</noscript>'


def without_script(clinic: Clinic) -> str:
    """Returns how the clinic can be reached without the chat, as HTML: by phone, or else on its booking page."""
    if clinic.phone:
        phone = html.escape(clinic.phone)
        return f'Call the clinic: <a href="tel:{phone}">{phone}</a>.'
    if clinic.booking_link:
        return f'<a href="{html.escape(str(clinic.booking_link))}">Write to the clinic or book</a>.'
    return "Please ask at the clinic's front desk."


def _is_database_well() -> bool:
    try:
        with engine().connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        log.error("website.database", error=type(error).__name__)
        return False
    return True


def _read(path: Path, kind: str) -> WebFile:
    body = path.read_bytes()
    headers = {
        "Content-Type": f"{kind}; charset=utf-8",
        "Cache-Control": f"public, max-age={FRESH_SECONDS}",
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        # Any site may load the files; whose pages may talk to the assistant is decided at the channel.
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return WebFile(body, headers)


def _add_file(app: Sanic, name: str, file: WebFile) -> None:
    async def send(request: Request) -> HTTPResponse:
        if request.headers.get("if-none-match") == file.headers["ETag"]:
            return HTTPResponse(status=304, headers=file.headers)
        return raw(file.body, headers=file.headers, content_type=file.headers["Content-Type"])

    app.add_route(send, f"/{name}", methods=["GET"], name=f"web_{name.replace('.', '_').replace('-', '_')}")
