"""A real nginx with the project's configuration: what it passes on, what it makes of it, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import List, NamedTuple

import pytest
from behind import Behind, behind
from names import ALL_ON
from outside import WEBHOOK, Outsider

from bot.channels.messaging.switch import services
from bot.evaluation.processes import free_port
from bot.settings import ROOT, Settings
from deploy.cluster.part import Part
from deploy.cluster.proxy import CONFIGURATION, proxy

SLOW = 10
"""Seconds that nginx.conf gives a client."""
PASSED = [
    ("GET", "/"),
    ("HEAD", "/"),
    ("GET", "/?from=letter"),
    ("GET", "/widget.js"),
    ("GET", "/widget-chat.js"),
    ("GET", "/site.css"),
    ("POST", WEBHOOK),
    *[("POST", f"/webhooks/{service.name}/webhook?x=1") for service, _ in services(ALL_ON)],
    ("GET", "/webhooks/messenger/webhook?hub.mode=subscribe"),
    ("GET", "/widget/socket.io/?EIO=4&transport=polling"),
    ("OPTIONS", "/widget/socket.io/"),
    ("GET", "/enquiries/K7QD-3MPX-4R/abcDEF-_="),
    ("POST", "/enquiries/K7QD-3MPX-4R/abcDEF-_="),
]
NOT_PASSED = [
    *["/status", "/version", "/domain", "/model", "/model/train", "/model/parse", "/webhooks/rest/", "/webhooks/rest"],
    *["/conversations/me/tracker", "/conversations/me/messages", "/conversations/me/tracker/events"],
    *["/health/live", "/health/ready", "/metrics", "/enquiries/", "/enquiries/K7QD", "/docs", "/widget/", "/.env"],
    # the same places by other spellings
    *[
        "/widget/../status",
        "/widget.js/../status",
        "//status",
        "/./status",
        "/%73tatus",
        "/widget.js%00",
        "/status/..;/widget.js",
    ],
    *["/webhooks/facebook/webhook", "/webhooks/slack/webhook/x", "/webhooks/slack/"],
    *["/webhooks/rest/webhook/../../../status", "/webhooks/../metrics", "/webhooks/rest/webhook%2f..%2f..", "/WIDGET.JS"],
    *[
        "/conversations/../widget.js",
        "/widget.js/",
        "/widget.js;x",
        "/enquiries/../status/x",
        "/widget/socket.io/../../status",
    ],
]
FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Path": "/status",
    "X-Forwarded-Prefix": "/status",
    "X-Real-IP": "203.0.113.9",
    "X-Request-ID": "forged",
    "X-Original-URL": "/status",
    "X-Rewrite-URL": "/status",
    "Forwarded": "for=203.0.113.9;host=evil.example",
    "Cookie": "session=forged",
    "Connection": "close, X-Forwarded-For, X-Request-ID",
}


class Stage(NamedTuple):
    """The proxy, and what it has behind it."""

    port: int
    certificate: Path
    servers: List[Behind]
    log: Path

    def arrived(self, path: str) -> List[Behind]:
        """The servers that a path has reached, once for every time."""
        return [server for server in self.servers for each in server.arrived if each.path == path]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    subprocess.run([str(ROOT / "deploy" / "set-up"), "127.0.0.1", str(folder)], check=True, capture_output=True)
    with behind() as first, behind() as second:
        running = Part("proxy", proxy(folder / "proxy", folder, port, [first.port, second.port]), folder)
        running.start()
        try:
            running.wait_until_ready()
            yield Stage(port, folder / "tls_certificate", [first, second], running.log)
        finally:
            running.stop()


@pytest.fixture
def outsider(stage: Stage) -> Iterator[Outsider]:
    for server in stage.servers:
        server.arrived.clear()
        server.cuts = server.ends = False
    return Outsider(stage.port, stage.certificate)


@pytest.mark.parametrize(("method", "path"), PASSED)
def test_what_visitors_need_reaches_the_assistant_as_it_was_sent(
    stage: Stage, outsider: Outsider, method: str, path: str
) -> None:
    outsider.request(method, path)
    assert [(each.method, each.path) for server in stage.servers for each in server.arrived] == [(method, path)]


@pytest.mark.parametrize("path", NOT_PASSED)
def test_nothing_else_does_however_it_is_spelled(stage: Stage, outsider: Outsider, path: str) -> None:
    reply = outsider.raw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode("ascii"))
    assert reply.status in (400, 404)
    assert not any(server.arrived for server in stage.servers)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"])
def test_no_other_method_does(stage: Stage, outsider: Outsider, method: str) -> None:
    assert outsider.request(method, "/").status in (400, 405)
    assert not any(server.arrived for server in stage.servers)


def test_what_the_outside_says_of_itself_is_not_believed(stage: Stage, outsider: Outsider) -> None:
    reply = outsider.request("GET", "/", headers=FORGED)
    (arrived,) = (each for server in stage.servers for each in server.arrived)
    assert arrived.headers["x-forwarded-for"] == arrived.headers["x-real-ip"] == outsider.address
    assert arrived.headers["x-forwarded-proto"] == "https"
    assert arrived.headers["host"] == arrived.headers["x-forwarded-host"] == f"127.0.0.1:{stage.port}"
    assert re.fullmatch(r"[0-9a-f]{32}", arrived.headers["x-request-id"])
    assert reply.all("X-Request-ID") == [arrived.headers["x-request-id"]]
    for name in ("x-forwarded-port", "x-forwarded-path", "x-forwarded-prefix", "x-original-url", "forwarded", "cookie"):
        assert name not in arrived.headers
    assert "203.0.113.9" not in str(arrived)
    assert "evil.example" not in str(arrived)


def test_a_header_with_an_underscore_cannot_stand_for_one_with_a_dash(stage: Stage, outsider: Outsider) -> None:
    outsider.request("GET", "/", headers={"X_Forwarded_For": "203.0.113.9", "X_Request_ID": "forged"})
    (arrived,) = (each for server in stage.servers for each in server.arrived)
    assert not [name for name in arrived.headers if "_" in name]


@pytest.mark.parametrize(
    "head",
    [
        "GET / HTTP/1.1\r\nHost: evil.example",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.example",
        "GET / HTTP/1.1\r\nHost: evil.example:443",
        "GET https://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example",
        "GET / HTTP/1.1\r\nHost: evil.example\r\nHost: 127.0.0.1",
        "GET / HTTP/1.1\r\nX: y",
        "GET / HTTP/1.0",
    ],
)
def test_it_answers_to_its_own_name_only(stage: Stage, outsider: Outsider, head: str) -> None:
    assert outsider.raw(f"{head}\r\nConnection: close\r\n\r\n".encode("ascii")).status in (400, 421)
    assert not any(server.arrived for server in stage.servers)


def test_a_name_in_the_request_line_is_the_one_that_counts(stage: Stage, outsider: Outsider) -> None:
    outsider.raw(b"GET https://127.0.0.1/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    (arrived,) = (each for server in stage.servers for each in server.arrived)
    assert arrived.headers["host"] == "127.0.0.1"


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
    ],
)
def test_a_request_that_could_be_read_as_two_is_refused(stage: Stage, outsider: Outsider, headers: str) -> None:
    sent = f"POST {WEBHOOK} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n\r\n0\r\n\r\nGET /status HTTP/1.1\r\nHost: x\r\n\r\n"
    assert outsider.raw(sent.encode("ascii")).status in (400, 501)
    assert not any(server.arrived for server in stage.servers)


@pytest.mark.parametrize("chunked", [False, True])
def test_too_much_is_refused_before_it_reaches_the_assistant(stage: Stage, outsider: Outsider, chunked: bool) -> None:
    longest = Settings.__fields__["request_max_bytes"].default
    assert outsider.request("POST", WEBHOOK, b"x" * longest).status == 200
    assert [each.size for server in stage.servers for each in server.arrived] == [longest]
    body = b"x" * (longest + 1)
    reply = outsider.request("POST", WEBHOOK, iter([body]) if chunked else body)
    assert reply.status == 413
    assert "too large" in reply.content["error"]
    assert len(stage.arrived(WEBHOOK)) == 1


def test_slow_clients_are_cut_off_and_nobody_waits_for_them(stage: Stage, outsider: Outsider) -> None:
    head = f"POST {WEBHOOK} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n"
    with outsider.line() as header, outsider.line() as body:
        begun = time.monotonic()
        header.sendall(head.encode("ascii"))
        body.sendall(f"{head}\r\nabc".encode("ascii"))
        other = Outsider(stage.port, stage.certificate)
        assert [other.request("GET", "/").status for _ in range(20)] == [200] * 20
        assert time.monotonic() - begun < SLOW
        for line in (header, body):
            assert not line.recv(1000).startswith(b"HTTP/1.1 200")  # returns when the proxy hangs up
    assert time.monotonic() - begun < 2 * SLOW
    assert stage.arrived(WEBHOOK) == []


def test_who_asks_too_often_is_told_when_to_come_back_and_others_are_not_held_up(stage: Stage, outsider: Outsider) -> None:
    replies = [outsider.request("POST", WEBHOOK, b"{}", {"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(120)]
    refused = [reply for reply in replies if reply.status != 200]
    assert refused
    assert {reply.status for reply in refused} == {429}
    assert refused[0].all("Retry-After") == ["5"]
    assert "emergency" in refused[0].content["error"]
    assert Outsider(stage.port, stage.certificate).request("POST", WEBHOOK, b"{}").status == 200


def test_what_a_messaging_app_delivers_for_many_is_counted_apart(stage: Stage, outsider: Outsider) -> None:
    slack = "/webhooks/slack/webhook"
    delivered = [outsider.request("POST", slack, b"{}").status for _ in range(150)]
    assert delivered == [200] * 150, "they share an address, and one visitor has a third of that"
    assert outsider.request("POST", WEBHOOK, b"{}").status == 200


def test_a_flood_of_deliveries_is_held_up_too(stage: Stage, outsider: Outsider) -> None:
    with ThreadPoolExecutor(8) as many:
        replies = list(many.map(lambda _: outsider.request("POST", "/webhooks/slack/webhook", b"{}"), range(1500)))
    assert {reply.status for reply in replies} == {200, 429}


def test_no_header_is_sent_twice_and_the_assistants_own_count(outsider: Outsider) -> None:
    page, enquiry = outsider.request("GET", "/"), outsider.request("GET", "/enquiries/K7QD-3MPX-4R/abc")
    for reply, policy in ((page, "no-referrer"), (enquiry, "same-origin")):
        assert reply.all("X-Content-Type-Options") == ["nosniff"]
        assert reply.all("Referrer-Policy") == [policy]
        assert reply.all("Strict-Transport-Security") == ["max-age=31536000"]
        assert len(reply.all("X-Request-ID")) == 1
    assert page.all("Retry-After") == []
    assert enquiry.all("Retry-After") == ["7"]
    assert page.all("Server") == ["nginx"]


def test_scripts_are_sent_small_and_what_a_browser_has_is_asked_for_by_its_own_name(
    stage: Stage, outsider: Outsider
) -> None:
    small = {"Accept-Encoding": "gzip"}
    script = outsider.request("GET", "/widget.js", headers={**small, "If-None-Match": 'W/"strong"'})
    assert script.all("Content-Encoding") == ["gzip"]
    assert [each.headers["if-none-match"] for server in stage.servers for each in server.arrived] == ['"strong"']
    assert outsider.request("POST", WEBHOOK, b"{}", small).all("Content-Encoding") == []


def test_a_message_that_an_ending_assistant_has_not_taken_is_sent_to_another(stage: Stage, outsider: Outsider) -> None:
    stage.servers[0].ends = True
    assert [outsider.request("POST", WEBHOOK, b"{}").status for _ in range(10)] == [200] * 10
    assert len([each for each in stage.servers[1].arrived if each.size == 2]) == 10
    assert stage.servers[0].arrived
    stage.servers[1].ends = True
    reply = outsider.request("POST", WEBHOOK, b"{}")
    assert reply.status == 503
    assert reply.all("Retry-After") == ["5"]


def test_a_message_that_an_assistant_may_have_read_is_not_sent_to_another(stage: Stage, outsider: Outsider) -> None:
    for server in stage.servers:
        server.cuts = True
    reply = outsider.request("POST", WEBHOOK, b"{}")
    assert reply.status == 503
    assert reply.all("Retry-After") == ["5"]
    assert "send it again" in reply.content["error"]
    assert len(stage.arrived(WEBHOOK)) == 1


def logged(stage: Stage, request: str) -> str:
    """The log, as soon as a request is in it: nginx writes it after the answer."""
    deadline = time.monotonic() + SLOW
    while request not in (log := stage.log.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline, "it is not in the log"
        time.sleep(0.01)
    return log


def test_the_log_says_what_happened_and_nothing_of_whom_or_what(stage: Stage, outsider: Outsider) -> None:
    outsider.request("GET", "/enquiries/K7QD-3MPX-4R/secret-token")
    outsider.request("GET", "/?email=somebody@example.com")
    outsider.request("GET", "/somebody@example.com", headers={"User-Agent": "somebody", "Referer": "https://somebody"})
    outsider.raw(b"GET /somebody HTTP/9\r\n\r\n")
    reply = outsider.request("GET", "/site.css")
    log = logged(stage, reply.all("X-Request-ID")[0])
    for personal in ("secret-token", "K7QD", "somebody", outsider.address):
        assert personal not in log
    (line,) = (json.loads(each) for each in log.splitlines() if reply.all("X-Request-ID")[0] in each)
    assert (line["method"], line["place"], line["status"]) == ("GET", "file", 200)


def test_the_limits_fit_those_of_the_assistant() -> None:
    configuration = CONFIGURATION.read_text(encoding="utf-8")
    defaults = Settings.__fields__
    (size,) = re.findall(r"client_max_body_size (\d+);", configuration)
    assert int(size) == defaults["request_max_bytes"].default
    assert all(
        int(waits) > defaults["turn_timeout_seconds"].default
        for waits in re.findall(r"proxy_read_timeout (\d+)s", configuration)
    )


def test_the_limits_are_those_that_are_told_to_who_runs_it() -> None:
    configuration = CONFIGURATION.read_text(encoding="utf-8")
    page = " ".join((ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split())
    rates = dict(re.findall(r"zone=(webhook|app|other):10m rate=(\d+)r/s", configuration))
    at_once = dict(re.findall(r"zone=(webhook|app|other) burst=(\d+)", configuration))
    (connections,) = re.findall(r"limit_conn connections (\d+)", configuration)
    assert f"{rates['webhook']} messages a second by webhook ({at_once['webhook']} at once)" in page
    assert f"{rates['app']} deliveries a second of a messaging app ({at_once['app']} at once)" in page
    assert f"{rates['other']} other requests ({at_once['other']} at once), {connections} open connections" in page
    assert set(re.findall(r"(?:header|body|send)_timeout (\d+)s", configuration)) == {str(SLOW)}
    assert f"{SLOW} s for a header" in page


def test_what_compose_adds_is_understood_by_nginx(tmp_path: Path) -> None:
    """But for `resolve`, which is newer than Debian's nginx."""
    subprocess.run([str(ROOT / "deploy" / "set-up"), "clinic.example", str(tmp_path)], check=True, capture_output=True)
    shutil.copy(CONFIGURATION, tmp_path)
    for path in (CONFIGURATION.parent / "compose").iterdir():
        text = path.read_text(encoding="utf-8").replace("/run/secrets", str(tmp_path))
        (tmp_path / path.name).write_text(text.replace("assistant:5005 resolve", "127.0.0.1:5005"), encoding="utf-8")
    nginx = proxy(tmp_path / "other", tmp_path, free_port(), [1]).command[0]
    done = subprocess.run(
        [nginx, "-t", "-e", "stderr", "-p", f"{tmp_path}/", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
