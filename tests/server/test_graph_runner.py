"""The graph runner that stands instead of dask: the same results, each node after what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Dict, List

import pytest
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from bot.server.graph_runner import DirectGraphRunner


class Join(GraphComponent):
    """Joins what it is given with its own word."""

    calls: ClassVar[List[str]] = []

    def __init__(self, word: str) -> None:
        self._word = word

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> Join:
        return cls(config["word"])

    def join(self, one: str, other: str) -> str:
        Join.calls.append(self._word)
        return f"({one} {self._word} {other})"


def node(word: str, one: str, other: str) -> SchemaNode:
    return SchemaNode({"one": one, "other": other}, Join, "create", "join", {"word": word}, eager=True)


SCHEMA = GraphSchema(
    {"last": node("and", "middle", "first"), "first": node("or", "a", "b"), "middle": node("but", "first", "b"),
     "apart": node("not", "a", "a")}
)  # fmt: skip
INPUTS = {"a": "A", "b": "B"}


@pytest.fixture
def runners(tmp_path: Path) -> List[Any]:
    made = []
    for runner in (DaskGraphRunner, DirectGraphRunner):
        folder = tmp_path / runner.__name__
        folder.mkdir()
        made.append(runner.create(SCHEMA, LocalModelStorage.create(folder), ExecutionContext(SCHEMA)))
    return made


@pytest.mark.parametrize("targets", [["last"], ["middle", "apart"], ["apart"]])
def test_it_gives_what_rasas_own_runner_gives(runners: List[Any], targets: List[str]) -> None:
    by_dask, directly = (runner.run(INPUTS, targets) for runner in runners)
    assert directly == by_dask
    assert set(directly) == set(targets)


def test_only_what_is_needed_runs_and_it_runs_once(runners: List[Any]) -> None:
    Join.calls.clear()
    assert runners[1].run(INPUTS, ["last"]) == {"last": "(((A or B) but B) and (A or B))"}
    assert Join.calls == ["or", "but", "and"]


def test_a_missing_input_is_an_error(runners: List[Any]) -> None:
    with pytest.raises(GraphRunError):
        runners[1].run({"a": "A"}, ["first"])
