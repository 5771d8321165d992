"""A server as whoever watches it sees it: metrics on their own port, one line a message, and nobody's words in either."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

import psutil
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from running import ROOT, WEBHOOK, Server, free_port, running_server, surroundings

from bot.server.metrics import CHANNELS, FATES, KINDS, OTHER, OUTCOMES, RESULTS, STAGES, URGENCIES
from bot.server.metrics_page import MetricsNotServed, serving_metrics
from bot.server.model import fingerprint
from bot.settings import Settings

NAME, PHONE, EMAIL = "Wilhelmetta", "780-555-0119", "wilhelmetta.fernquist@example.com"
NEEDLE = re.compile(r"wilhelmetta|fernquist|555.?0119", re.IGNORECASE)
LABELS = {
    "channel": {*CHANNELS, "http"},
    "outcome": {*OUTCOMES, *RESULTS, *FATES},
    "stage": set(STAGES),
    "urgency": set(URGENCIES),
    "kind": set(KINDS),
    "reason": {"too_fast", "too_long", "stale_button", "empty", "busy", "wrong_request", "too_large"},
}
PATIENCE = 60


class Watched(NamedTuple):
    server: Server
    port: int

    def scrape(self) -> str:
        return get(self.port, "/metrics")[1]

    def turn(self, correlation_id: str) -> Dict[str, Any]:
        (found,) = [line for line in self.of(correlation_id) if line["event"] == "turn.done"]
        return found

    def of(self, correlation_id: str) -> List[Dict[str, Any]]:
        lines = [json.loads(line) for line in self.server.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("correlation_id") == correlation_id]

    def say(self, sender: str, message: str, request_id: Optional[str] = None) -> str:
        """Sends a message and returns the id of its request."""
        body = json.dumps({"sender": sender, "message": message}).encode("ascii")
        return self.post(body, request_id)

    def post(self, body: bytes, request_id: Optional[str] = None) -> str:
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):  # a body that is refused need not be read
                connection.request("POST", WEBHOOK, body, {} if request_id is None else {"X-Request-ID": request_id})
            return str(connection.getresponse().getheader("X-Request-ID"))


def get(port: int, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    port = free_port()
    with running_server(tmp_path_factory.mktemp("watched"), metrics_port=port, log_level="DEBUG") as server:
        yield Watched(server, port)


def test_the_metrics_are_on_their_own_port_of_this_machine_and_nowhere_else(watched: Watched) -> None:
    assert get(watched.port, "/metrics")[0] == 200
    assert get(watched.port, "/")[0] == 404
    for path in ("/metrics", "/webhooks/rest/metrics", "//metrics", "/metrics/"):
        assert watched.server.request("GET", path).status == 404
    listening = {
        (connection.laddr.ip, connection.laddr.port)
        for connection in psutil.Process(watched.server.process.pid).net_connections("inet")
        if connection.status == "LISTEN"
    }
    assert listening == {("127.0.0.1", watched.server.port), ("127.0.0.1", watched.port)}


def test_the_metrics_tell_which_model_is_running(watched: Watched) -> None:
    assert f'assistant_model_info{{fingerprint="{fingerprint()}"}} 1.0' in watched.scrape()


def test_nothing_of_a_visitor_gets_into_a_label_or_a_line(watched: Watched) -> None:
    odd = [
        f"I'm {NAME}, call {PHONE}",
        EMAIL,
        f"/{NAME}",
        f"button:{NAME}:1",
        f"{NAME} can't breathe",
        f"{NAME}\x00\ud83d",
        f'{NAME}",outcome="x"}} 7\nassistant_turns_total{{channel="{PHONE}"',
        "",
        f"{PHONE} " * 100,
    ]
    for message in odd:
        for sender in (PHONE, EMAIL, NAME):
            watched.say(sender, message)
    watched.say(f"{NAME} {NAME}", "hello")
    watched.post(f'{{"sender": "{NAME}"'.encode())
    watched.post(NAME.encode() * 200_000)
    watched.server.request("GET", f"/{NAME}?message={PHONE}")
    watched.server.request("GET", f"/enquiries/{NAME}/{PHONE}")
    shown = watched.scrape()
    assert not NEEDLE.search(shown)
    assert not NEEDLE.search(watched.server.log())
    intents = set(domain_intents())
    for family in text_string_to_metric_families(shown):
        for sample in family.samples:
            for label, value in sample.labels.items():
                assert value in LABELS.get(label, {value}), sample
            assert sample.labels.get("intent", OTHER) in {*intents, OTHER}


def domain_intents() -> Iterator[str]:
    for path in (ROOT / "domain").glob("*.yml"):
        for intent in yaml.safe_load(path.read_text(encoding="utf-8")).get("intents", []):
            yield intent if isinstance(intent, str) else next(iter(intent))
    yield "nlu_fallback"


def test_a_turn_is_one_line_that_the_callers_id_leads_to(watched: Watched) -> None:
    assert watched.say("visitor-7", "Is it safe, and what about scars?", "request-0001") == "request-0001"
    line = watched.turn("request-0001")
    assert set(line) == {
        "event", "level", "timestamp", "correlation_id", "conversation",
        "channel", "outcome", "questions", "intents", "responses", "milliseconds", "stages",
    }  # fmt: skip
    assert (line["event"], line["channel"], line["outcome"]) == ("turn.done", "rest", "answered")
    assert (line["questions"], line["intents"]) == (2, ["safety", "scars"])
    assert {"utter_safety", "utter_scars"} <= set(line["responses"])
    assert set(line["stages"]) == set(STAGES)
    assert "visitor-7" not in watched.server.log()


def test_the_lines_of_one_conversation_share_a_tag_and_no_other_has_it(watched: Watched) -> None:
    for number, sender in enumerate(("tag-one", "tag-one", "tag-two")):
        watched.say(sender, "hello", f"tagged-00{number}")
    one, again, two = (watched.turn(f"tagged-00{number}")["conversation"] for number in range(3))
    assert one == again != two


@pytest.mark.parametrize("given", [None, "short", "has space in it", "x" * 65, "under_score_1", "abcdefgh;a=b"])
def test_without_an_id_of_its_own_a_request_is_given_one(watched: Watched, given: Optional[str]) -> None:
    made = watched.say("visitor-8", "hello", given)
    assert re.fullmatch("[0-9a-f]{16}", made)
    assert watched.turn(made)["event"] == "turn.done"


@pytest.mark.parametrize("body", [b"{", b"x" * 1_500_000], ids=["no JSON", "too large"])
def test_a_refused_request_has_an_id_too(watched: Watched, body: bytes) -> None:
    assert watched.post(body, "refused-0001") == "refused-0001"


def test_every_line_of_the_server_once_it_runs_is_json(watched: Watched) -> None:
    after_the_start = watched.server.log().split('"server.ready"')[1].splitlines()[1:]
    assert after_the_start
    for line in after_the_start:
        assert json.loads(line)["event"]


def test_a_worker_of_its_own_has_its_own_metrics_and_an_id_for_every_try(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "worker.log"
    environment = surroundings(tmp_path, metrics_port=port, log_level="INFO")
    with log.open("wb") as out:
        worker = subprocess.Popen([sys.executable, "-m", "bot", "worker"], cwd=ROOT, env=environment, stderr=out)
    try:
        shown = _when_it_listens(port, worker)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0
    assert "assistant_records_up 1.0" in shown
    assert 'assistant_delivery_tries_total{kind="enquiry",outcome="sent"} 0.0' in shown


def _when_it_listens(port: int, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            return get(port, "/metrics")[1]
        except OSError:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.1)
    raise AssertionError("the worker does not show its metrics")


def test_a_port_that_is_taken_is_named(watched: Watched) -> None:
    taken = Settings(_env_file=None, metrics_port=watched.port)
    with pytest.raises(MetricsNotServed, match=f"METRICS_PORT: 127.0.0.1:{watched.port}"), serving_metrics(taken):
        pass


def test_without_a_port_nothing_listens() -> None:
    before = psutil.Process().net_connections("inet")
    with serving_metrics(Settings(_env_file=None)):
        assert psutil.Process().net_connections("inet") == before
