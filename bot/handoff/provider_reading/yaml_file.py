"""Entries of a YAML file: a list with one mapping a provider. Values are taken as text, with the lines they stand in."""

from __future__ import annotations

from typing import List, Optional, Tuple

import yaml

from bot.handoff.provider_reading.entries import Cell, Entry, Problem, Unreadable

NULL = "tag:yaml.org,2002:null"


def yaml_entries(text: str) -> Tuple[List[Entry], List[Problem]]:
    """Returns the entries of a file, and what is wrong with their form.

    Raises:
        Unreadable: the file is not YAML, or holds no list.
    """
    document = _compose(text)
    if document is None:
        return [], []
    if not isinstance(document, yaml.SequenceNode):
        raise Unreadable(1, "should hold a list: '- key: …' for each provider")
    problems: List[Problem] = []
    entries = []
    for node in document.value:
        if isinstance(node, yaml.MappingNode):
            entries.append(_entry(node, problems))
        else:
            problems.append(Problem(node.start_mark.line + 1, "", "should hold one 'field: value' a line"))
    return entries, problems


def _compose(text: str) -> Optional[yaml.Node]:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(mark.line + 1 if mark else 1, f"is not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        raise Unreadable(text.count("\n", 0, error.position) + 1, "holds a character that YAML does not allow") from error
    except RecursionError as error:
        raise Unreadable(1, "is nested too deeply") from error


def _entry(node: yaml.MappingNode, problems: List[Problem]) -> Entry:
    entry = Entry(node.start_mark.line + 1, {}, {})
    for name, value in node.value:
        line = name.start_mark.line + 1
        if not isinstance(name, yaml.ScalarNode):
            problems.append(Problem(line, "", "should hold one 'field: value' a line"))
            continue
        if name.value in entry.cells:
            problems.append(Problem(line, name.value, "stands twice in this entry"))
        entry.lines[name.value] = line
        entry.cells[name.value] = _cell(value, name.value, line, problems)
    return entry


def _cell(node: yaml.Node, field: str, line: int, problems: List[Problem]) -> Cell:
    if isinstance(node, yaml.ScalarNode):
        return "" if node.tag == NULL else str(node.value)
    if isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in node.value):
        return [str(item.value) for item in node.value]
    problems.append(Problem(line, field, "should be a value or a list of values"))
    return ""
