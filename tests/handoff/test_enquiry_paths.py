"""Random lives of enquiries: whatever happens in whatever order, none is lost, doubled, or sent without consent."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from databases import empty_database
from delivering import HandClock, sample_house
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select, update

from bot.errors import AssistantError
from bot.evaluation.enquiry_samples import AT, add_provider, sample_enquiry
from bot.evaluation.killed_deliveries import Killed
from bot.evaluation.receiver import webhook_receiver
from bot.handoff.acknowledge import acknowledge, token
from bot.handoff.delivery import STEPS, deliver_next
from bot.handoff.enquiries import NewEnquiry, NotOffered, submit_enquiry, withdraw
from bot.handoff.follow_up import follow_up
from bot.handoff.outbox import Claim
from bot.handoff.staff import close, retry
from bot.handoff.states import ALLOWED
from bot.handoff.worker import worker_name
from bot.storage.database import migrate, transaction
from bot.storage.models import Delivery, Enquiry, Provider

ANSWERS = [(200, {}), (500, {}), (400, {}), (429, {"Retry-After": "5"})]
MOST_ENQUIRIES = 4


class Lives(RuleBasedStateMachine):
    """Visitors, workers, providers and staff at random; `made` is what visitors were promised."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="lives-"))
        self.clock = HandClock()
        self.house = sample_house(self.folder, consent_days=365)
        self.made: dict[str, NewEnquiry] = {}
        self.states: dict[str, str] = {}
        self.gone: dict[str, int] = {}
        """How many requests there were when an enquiry was withdrawn."""

    @initialize()
    def open_house(self) -> None:
        self.database_room = empty_database("sqlite", self.folder)
        self.database = self.database_room.__enter__()
        migrate(self.database)
        self.receiver_room = webhook_receiver()
        self.receiver = self.receiver_room.__enter__()
        with transaction(self.database) as session:
            self.providers = [
                add_provider(
                    session,
                    key,
                    route="webhook",
                    address=f"{self.receiver.address}/{key}",
                    permit_expires=AT.date() + timedelta(days=3000),
                    insurance_expires=AT.date() + timedelta(days=3000),
                    next_check_due=None,
                )
                for key in ("sample-one", "sample-two")
            ]

    def teardown(self) -> None:
        self._bring_to_an_end()
        self.receiver_room.__exit__(None, None, None)
        self.database_room.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    # --- what can happen

    @rule(chosen=st.sampled_from([0, 1, None]), may_pass_on=st.booleans())
    def a_visitor_sends(self, chosen: int | None, may_pass_on: bool) -> None:
        if len(self.made) >= MOST_ENQUIRIES:
            return
        new = sample_enquiry(
            provider_id=None if chosen is None else self.providers[chosen],
            may_pass_on=may_pass_on,
            contact=f"visitor{len(self.made)}@example.com",
        )
        try:
            done = submit_enquiry(new, self.database, self.clock())
        except NotOffered:
            return
        assert not done.repeated
        self.made[done.code] = new

    @rule(data=st.data())
    def a_visitor_sends_again(self, data: st.DataObject) -> None:
        if self.made:
            code = self._some_code(data)
            done = submit_enquiry(self.made[code], self.database, self.clock())
            assert (done.code, done.repeated) == (code, True)

    @rule(data=st.data())
    def a_visitor_withdraws(self, data: st.DataObject) -> None:
        if self.made:
            code = self._some_code(data)
            with transaction(self.database) as session:
                assert withdraw(session, code, self.made[code].contact, self.clock())
            self.gone.setdefault(code, len(self.receiver.received))

    @rule(answers=st.lists(st.sampled_from(ANSWERS), max_size=2), kill_at=st.sampled_from([*STEPS, *["nowhere"] * 5]))
    def a_worker_works(self, answers: list, kill_at: str) -> None:
        self.receiver.answers[:] = answers

        def die(step: str, claimed: Claim) -> None:
            if step == kill_at:
                raise Killed

        try:
            while deliver_next(self.database, self.house, worker_name(), self.clock, die):
                pass
        except Killed:
            pass

    @rule(hours=st.sampled_from([0.05, 1, 48, 96]))
    def time_passes(self, hours: float) -> None:
        self.clock.forward(hours=hours)

    @rule()
    def somebody_follows_up(self) -> None:
        follow_up(self.database, self.house.options, self.clock())

    @rule(data=st.data())
    def a_provider_acknowledges(self, data: st.DataObject) -> None:
        if self.made:
            code = self._some_code(data)
            with transaction(self.database) as session:
                acknowledge(session, code, token(code, self.providers[data.draw(st.integers(0, 1))]), self.clock())

    @rule(data=st.data(), do=st.sampled_from(["retry", "close"]))
    def staff_act(self, data: st.DataObject, do: str) -> None:
        if not self.made:
            return
        code = self._some_code(data)
        try:
            with transaction(self.database) as session:
                if do == "retry":
                    retry(session, code, self.clock(), self.house.options, "staff:sample")
                else:
                    close(session, code, self.clock(), "staff:sample")
        except AssistantError:
            return

    @rule(which=st.sampled_from([0, 1]), lapsed=st.booleans())
    def a_provider_lapses_or_is_back(self, which: int, lapsed: bool) -> None:
        with transaction(self.database) as session:
            session.execute(
                update(Provider)
                .where(Provider.id == self.providers[which])
                .values(permit_status="suspended" if lapsed else "active", verified_on=self.clock().date())
            )

    def _some_code(self, data: st.DataObject) -> str:
        return list(self.made)[data.draw(st.integers(0, len(self.made) - 1))]

    # --- what must hold in every moment

    @invariant()
    def every_enquiry_is_there_once_and_goes_only_where_it_may(self) -> None:
        if not self.made:
            return
        with transaction(self.database) as session:
            found = dict(session.execute(select(Enquiry.code, Enquiry.state)).all())
        assert set(found) == set(self.made)
        for code, state in found.items():
            before = self.states.get(code, state)
            reached = {before}
            for _ in ALLOWED:
                reached |= {new for old in reached for new in ALLOWED[old]}
            assert state in reached
        self.states = found

    @invariant()
    def somebody_has_every_open_enquiry_before_them(self) -> None:
        if not self.made:
            return
        with transaction(self.database) as session:
            for enquiry in session.execute(select(Enquiry)).scalars():
                messages = list(
                    session.execute(
                        select(Delivery).where(Delivery.enquiry_id == enquiry.id).order_by(Delivery.id)
                    ).scalars()
                )
                on_the_way = [m for m in messages if m.kind == "enquiry" and m.state in ("pending", "sending")]
                if enquiry.state == "queued":
                    assert [m.provider_id for m in on_the_way] == [enquiry.provider_id]
                else:
                    assert on_the_way == []
                if enquiry.state in ("waiting", "with_staff"):
                    assert any(m.kind == "notice" for m in messages)
                if enquiry.state == "delivered":
                    assert any(m.kind == "enquiry" and m.state == "sent" for m in messages)

    @invariant()
    def a_receiver_can_tell_every_repeat_and_has_only_what_was_agreed_to(self) -> None:
        if not self.made:
            return
        told: dict[tuple[str, str, str], set[str]] = {}
        keys = {id_: f"/enquiries/{key}" for id_, key in zip(self.providers, ("sample-one", "sample-two"))}
        for request in self.receiver.received:
            body = json.loads(request.body)
            told.setdefault((request.path, body["kind"], body["code"]), set()).add(request.key)
            if body["kind"] == "enquiry":
                new = self.made[body["code"]]
                assert new.may_pass_on or request.path == keys[new.provider_id]
        assert all(len(found) == 1 for found in told.values())

    @invariant()
    def nothing_goes_out_after_a_withdrawal(self) -> None:
        for code, before in self.gone.items():
            later = [json.loads(request.body) for request in self.receiver.received[before:]]
            assert {body["kind"] for body in later if body["code"] == code} <= {"withdrawn"}

    # --- what must hold in the end

    def _bring_to_an_end(self) -> None:
        """Everybody behaves from now on: then every enquiry reaches an end or a person, and withdrawals are known."""
        self.receiver.answers.clear()
        for _ in range(12):
            self.clock.forward(hours=24)
            while deliver_next(self.database, self.house, worker_name(), self.clock):
                pass
        with transaction(self.database) as session:
            left = session.execute(select(Delivery.id).where(Delivery.state.in_(("pending", "sending")))).all()
            states = set(session.execute(select(Enquiry.state)).scalars())
            dead = session.execute(select(Delivery.id).where(Delivery.kind == "withdrawn", Delivery.state == "dead")).all()
        assert left == []
        assert "queued" not in states
        received = [(request.path, json.loads(request.body)) for request in self.receiver.received]
        for code in self.gone:
            had = {path for path, body in received if (body["kind"], body["code"]) == ("enquiry", code)}
            told = {path for path, body in received if (body["kind"], body["code"]) == ("withdrawn", code)}
            assert had <= told or dead


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
