"""The whole topology through its proxy: it answers, it goes on when a replica is killed, and it hides what is inside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import List

import psutil
import pytest
from outside import Outsider, Reply
from widget.page import Chat

from bot.settings import ROOT
from deploy.cluster.cluster import Cluster
from deploy.cluster.part import Part

POLLING = "/widget/socket.io/?EIO=4&transport=polling"
FORM = ("please put me in touch with somebody for my scars", "Grande Prairie")
"""The answer to the second depends on the first."""
VISITORS = 4
LIMIT = 60.0
"""Seconds until something must have happened."""


def said(reply: Reply) -> List[str]:
    assert reply.status == 200, reply.body
    return [each["text"] for each in reply.content]


def ports(part: Part) -> List[int]:
    """Those of an assistant that somebody has an open connection to."""
    every = psutil.Process(part.pid).net_connections("tcp")
    listening = {each.laddr.port for each in every if each.status == psutil.CONN_LISTEN}
    return [each.laddr.port for each in every if each.status == psutil.CONN_ESTABLISHED and each.laddr.port in listening]


def served_by(cluster: Cluster, reply: Reply) -> int:
    """The port of the assistant that has answered, from the proxy's log."""
    (request_id,) = reply.all("X-Request-ID")
    until(lambda: bool(logged(cluster, request_id)))  # the proxy writes it after it has answered
    (line,) = logged(cluster, request_id)
    return int(json.loads(line)["assistant"].rpartition(":")[2])


def logged(cluster: Cluster, request_id: str) -> List[str]:
    """The whole lines of the proxy's log on a request."""
    lines = cluster.proxy.log.read_text(encoding="utf-8").splitlines(keepends=True)
    return [line for line in lines if request_id in line and line.endswith("\n")]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_question_is_answered_by_either_assistant(cluster: Cluster, visitor: Outsider) -> None:
    replies = [visitor.say(f"either-{number}", "Is it safe?") for number in range(6)]
    assert all("trained physiotherapists" in reply.body.decode("utf-8") for reply in replies)
    assert len({served_by(cluster, reply) for reply in replies}) == 2


def test_a_conversation_moves_between_the_assistants(cluster: Cluster, visitor: Outsider) -> None:
    senders = [f"moving-{number}" for number in range(6)]
    first = [visitor.say(sender, FORM[0]) for sender in senders]
    then = [visitor.say(sender, FORM[1]) for sender in reversed(senders)][::-1]
    assert len({tuple(said(reply)) for reply in then}) == 1
    assert said(then[0]) != said(visitor.say("somebody-new", FORM[1]))
    moved = [served_by(cluster, one) != served_by(cluster, other) for one, other in zip(first, then)]
    assert any(moved)


def test_a_page_may_talk_to_the_widget_by_where_it_really_is(cluster: Cluster, visitor: Outsider) -> None:
    own, plain = cluster.address, cluster.address.replace("https", "http")
    assert visitor.request("GET", POLLING, headers={"Origin": own}).status == 200
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": plain, "X-Forwarded-Proto": "http"},
        {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
    ):
        assert visitor.request("GET", POLLING, headers=headers).status == 400


@pytest.mark.parametrize("path", ["/conversations/x/tracker", "/model", "/status", "/health/ready", "/metrics"])
def test_what_is_inside_is_not_reached(visitor: Outsider, path: str) -> None:
    assert visitor.request("GET", path).status == 404


async def test_a_chat_and_a_conversation_go_on_when_their_assistant_is_killed(
    cluster: Cluster, visitor: Outsider, chat: Chat
) -> None:
    assert "trained" in await chat.ask("is it safe?")
    (victim,) = (part for part in cluster.assistants if ports(part))  # the one that has the chat's line
    senders = (f"killed-{number}" for number in range(20))
    for sender in senders:  # until it has answered one by HTTP as well
        if served_by(cluster, visitor.say(sender, FORM[0])) in ports(victim):
            break
    os.kill(victim.pid, signal.SIGKILL)
    until(lambda: victim.ended() is not None)
    there = said(visitor.say(sender, FORM[1]))
    said(visitor.say("uninterrupted", FORM[0]))
    assert there == said(visitor.say("uninterrupted", FORM[1]))
    assert await chat.ask("does it hurt?")
    assert chat.console == [line for line in chat.console if "WebSocket" in line or "ERR_" in line]
    cluster.start_again()
    victim.wait_until_ready()


def test_nothing_listens_but_on_loopback(cluster: Cluster) -> None:
    for part in (cluster.database, *cluster.assistants, cluster.worker, cluster.proxy):
        for each in psutil.Process(part.pid).net_connections("inet"):
            assert each.laddr.ip.startswith("127.")


def test_the_logs_hold_no_secret_and_no_visitor(cluster: Cluster, visitor: Outsider) -> None:
    visitor.say("canary-sender", "my name is Marmalade Canary and it hurts")
    secrets = [(cluster.folder / "secrets" / name).read_text().strip() for name in ("secret_key", "database_password")]
    for path in (cluster.folder / "logs").iterdir():
        log = path.read_text(encoding="utf-8")
        for unwanted in (*secrets, "Marmalade", "canary", visitor.address):
            assert unwanted not in log, path.name


def test_a_taken_port_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "deploy.cluster", "--port", port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_replica_ends_without_a_dropped_turn(cluster: Cluster) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(VISITORS) as pool:
        talks = [pool.submit(talk, cluster, f"through-{number}", stop) for number in range(VISITORS)]
        victim = cluster.assistants[-1]
        until(lambda: len(ports(victim)) > 0)  # it is in the middle of a turn
        os.kill(victim.pid, signal.SIGTERM)
        until(lambda: victim.ended() is not None)
        stop.set()
        replies = [reply for each in talks for reply in each.result()]
    assert len(replies) > VISITORS
    assert {reply.status for reply in replies} == {200}
    assert all("trained physiotherapists" in reply.body.decode("utf-8") for reply in replies)


def talk(cluster: Cluster, sender: str, stop: threading.Event) -> List[Reply]:
    """One visitor after the other asks the same, until told to stop, and once more after that."""
    replies: List[Reply] = []
    ending = False
    while not ending:
        ending = stop.is_set()
        visitor = Outsider(int(cluster.address.rpartition(":")[2]), cluster.certificate)
        replies.append(visitor.say(f"{sender}-{len(replies)}", "Is it safe?"))
    return replies
