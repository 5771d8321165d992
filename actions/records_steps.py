"""The records form, one step further: looks up, tells, withdraws, shows or erases with what is known by now."""

from __future__ import annotations

from typing import Callable, Dict, Optional

from rasa_sdk.executor import CollectingDispatcher

from actions.records import Values
from actions.records_told import tell_shown, tell_status
from bot.clock import now
from bot.handoff.codes import normal_code
from bot.handoff.enquiries import Status, status, withdraw
from bot.handoff.enquiry_form import TRIES_BEFORE_A_PERSON
from bot.handoff.own_enquiries import asked_to_delete, withdraw_here
from bot.handoff.records_form import DELETE, ERASE, SHOW, STATUS, WITHDRAW
from bot.privacy.leftovers import erasing
from bot.privacy.visitors import erase_own, is_proven, show_own, was_left_here
from bot.storage.database import engine, transaction

OVER = ("withdrawn", "expired")
"""States in which there is nothing left to withdraw."""
HERE, CODE = "here", "code"
"""Proofs that an enquiry is the visitor's: made in this conversation, or its code is known."""
SHOWN = "shown"


class RecordsSteps:
    """One turn of the form. Every method returns the slot to ask for, or None when the form is over."""

    def __init__(self, dispatcher: CollectingDispatcher, conversation: str, values: Values) -> None:
        """Takes the form's slots; they are changed."""
        self._say = dispatcher.utter_message
        self._dispatcher = dispatcher
        self._conversation = conversation
        self.values = values
        self._code = normal_code(values["lookup_code"] or "")

    def go_on(self) -> Optional[str]:
        """Does what can be done for the visitor's wish.

        Raises:
            TooMany: too many wrong tries.
        """
        steps: Dict[str, Callable[[], Optional[str]]] = {
            STATUS: self._status,
            WITHDRAW: self._withdraw,
            ERASE: self._erase,
        }
        return steps[self.values["lookup_wish"]]()

    def _status(self) -> Optional[str]:
        if self._code is None:
            return "lookup_code"
        found = self._found(self._code)
        if found is None:
            return self._not_found("lookup_code", "utter_records_not_found")
        tell_status(self._dispatcher, self._code, found)
        return None

    def _withdraw(self) -> Optional[str]:
        if self._code is None:
            return "lookup_code"
        if self.values["lookup_proof"] is None:
            found = self._found(self._code)
            if found is None:
                return self._not_found("lookup_code", "utter_records_not_found")
            if found.state in OVER:
                tell_status(self._dispatcher, self._code, found)
                return None
            self.values["lookup_proof"] = HERE if found.own else CODE
        needed = "lookup_withdraw" if self.values["lookup_proof"] == HERE else "records_contact"
        return self._withdraw_now(self._code) if self.values[needed] else needed

    def _withdraw_now(self, code: str) -> Optional[str]:
        contact = self.values["records_contact"] or ""
        with transaction(engine()) as session:
            if self.values["lookup_proof"] == HERE:
                done = withdraw_here(session, code, self._conversation, now())
            else:
                done = withdraw(session, code, contact, now())
            told = asked_to_delete(session, code)
        if not done:
            return self._not_found("records_contact", "utter_records_not_matched")
        buttons = [{"title": "Delete my data too", "payload": "/erase_data"}]
        self._say(response="utter_records_withdrawn_told" if told else "utter_records_withdrawn", buttons=buttons)
        return None

    def _erase(self) -> Optional[str]:
        if not self.values["records_contact"]:
            return "records_contact"
        if self.values["lookup_proof"] is None:
            lacks = self._prove()
            if lacks or self.values["lookup_proof"] is None:
                return lacks
        if self.values["lookup_choice"] == SHOW:
            self._show()
        if self.values["lookup_choice"] is None:
            return "lookup_choice"
        if not self.values["lookup_delete"]:
            return "lookup_delete"
        self._erase_now()
        return None

    def _prove(self) -> Optional[str]:
        """Is it the visitor's own? Returns the slot that is still needed for that."""
        with transaction(engine()) as session:
            here = was_left_here(session, self.values["records_contact"], self._conversation)
        if not here and self._code is None:
            self._say(response="utter_records_proof")
            return "lookup_code"
        with transaction(engine()) as session:
            proven = is_proven(session, self.values["records_contact"], self._conversation, now(), self._code or "")
        if not proven:
            return self._not_found("lookup_code", "utter_records_not_matched", keep=True)
        self.values["lookup_proof"] = HERE if here else CODE
        if self.values["lookup_choice"] != SHOW:
            deleting = self.values["lookup_choice"] == DELETE
            self._say(response="utter_records_found_delete" if deleting else "utter_records_found")
        return None

    def _show(self) -> None:
        with transaction(engine()) as session:
            held = show_own(session, self.values["records_contact"], self._conversation, now(), self._code or "")
        self.values["records_first_name"] = tell_shown(self._dispatcher, held["enquiries"])
        self.values["lookup_choice"] = SHOWN

    def _erase_now(self) -> None:
        with erasing(engine()) as session:
            done = erase_own(session, self.values["records_contact"], self._conversation, now(), self._code or "")
        self._say(response="utter_records_erased_told" if done.told else "utter_records_erased")
        self.values["lookup_code"] = None

    def _found(self, code: str) -> Optional[Status]:
        with transaction(engine()) as session:
            return status(session, code, self._conversation, now())

    def _not_found(self, slot: str, response: str, keep: bool = False) -> Optional[str]:
        """Says the same whether something is unknown or somebody else's; a third time a person is named instead.

        Args:
            slot: to ask for again.
            response: what to say.
            keep: what was given, because something else may be what is wrong.
        """
        self.values["lookup_tries"] = int(self.values["lookup_tries"] or 0) + 1
        is_last = self.values["lookup_tries"] >= TRIES_BEFORE_A_PERSON
        if is_last or not keep:
            self.values[slot] = None
        if is_last:
            self._say(response="utter_records_person")
            return None
        self._say(response=response)
        return slot
