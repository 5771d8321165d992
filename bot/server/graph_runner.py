"""Runs Rasa's graphs without dask.

Rasa's own runner hands every run to dask, which sorts the graph and makes queues anew each time. The graphs here have a
dozen small nodes, so their order is worked out once for each set of targets and kept.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any, Dict, List, Optional, Tuple, Type, TypeVar

from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage

Component = TypeVar("Component")
Step = Tuple[GraphNode, str, Tuple[str, ...]]
"""A node, its name, and the names of what it needs."""


class DirectGraphRunner(GraphRunner):
    """Calls the nodes of a graph one after another, each after what it needs."""

    def __init__(self, schema: GraphSchema, nodes: Dict[str, GraphNode]) -> None:
        """Takes a graph and its loaded nodes."""
        self._schema = schema
        self._nodes = nodes
        self._plans: Dict[Tuple[str, ...], List[Step]] = {}

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: Optional[List[GraphNodeHook]] = None,
    ) -> DirectGraphRunner:
        """Loads the nodes as Rasa's own runner does (see the base class for the arguments)."""
        return cls.instead_of(DaskGraphRunner.create(graph_schema, model_storage, execution_context, hooks))

    @classmethod
    def instead_of(cls, runner: DaskGraphRunner) -> DirectGraphRunner:
        """Returns a runner of the nodes that Rasa's own runner has loaded."""
        return cls(runner._graph_schema, runner._instantiated_nodes)

    def run(self, inputs: Optional[Dict[str, Any]] = None, targets: Optional[List[str]] = None) -> Dict[str, Any]:
        """Returns the output of every target (see the base class for the arguments)."""
        wanted = tuple(targets or self._schema.target_names)
        plan = self._plans.get(wanted) or self._plans.setdefault(wanted, self._plan(wanted))
        found = {name: (name, value) for name, value in (inputs or {}).items()}
        for node, name, needs in plan:
            found[name] = node(*[found.get(need, need) for need in needs])
        return {name: found[name][1] for name in wanted}

    def components(self, kind: Type[Component]) -> List[Component]:
        """Returns the loaded components of a class."""
        loaded = [node._component for node in self._nodes.values()]
        return [component for component in loaded if isinstance(component, kind)]

    def _plan(self, targets: Tuple[str, ...]) -> List[Step]:
        nodes = self._schema.minimal_graph_schema(list(targets)).nodes
        needs = {name: tuple(node.needs.values()) for name, node in nodes.items()}
        order = TopologicalSorter(needs).static_order()  # names the inputs as well, which are no nodes
        return [(self._nodes[name], name, needs[name]) for name in order if name in nodes]
