"""`--set path=value`: one value of a config, given on the command line."""

from __future__ import annotations

from dataclasses import replace

from lipbuild.text.merge import is_choice
from lipbuild.text.nodes import Entry, Mapping, Scalar, Sequence, TextNode
from lipbuild.text.parse import parse
from lipbuild.text.path import Path, format_path, parse_path, step_places
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText


def override(root: TextNode, option: str) -> tuple[TextNode, tuple[Problem, ...]]:
    """The tree with one `path=value` laid over it, and the problems of the option.

    The value is read as the file is (`1e-3` is a number, `{Adam: {learning_rate: 1e-2}}` a mapping), and its
    nodes point at the option.
    """
    source = SourceText("--set", option)
    name, equals, _ = option.partition("=")
    path = parse_path(name.strip())
    if not equals or path is None:
        problem = Problem(
            "malformed-options",
            f"`{option}` is not of the form path=value",
            Span(source, 0, len(option)),
            help="write it like `--set train.epochs=3` or `--set model.layers[0].SpectralDense.units=32`",
        )
        return root, (problem,)
    # The value keeps its place in the option: what stands before it becomes blanks.
    blank = SourceText("--set", " " * (len(name) + 1) + option[len(name) + 1 :])
    parsed = parse(blank)
    value: TextNode
    problems = tuple(_repoint(problem, source) for problem in parsed.problems)
    if parsed.root is not None:
        value = _respan(parsed.root, source)
    elif problems:
        return root, problems
    else:
        value = Scalar(None, Span(source, len(name) + 1, len(option)))
    spans = tuple(Span(source, start, end) for start, end in step_places(name))
    changed, found = lay_over(root, path, spans, value)
    return changed, (*problems, *found)


def lay_over(
    node: TextNode, path: Path, spans: tuple[Span, ...], value: TextNode, done: Path = ()
) -> tuple[TextNode, tuple[Problem, ...]]:
    """The tree with a value at a path, and why there is no such place where there is none.

    A bare name (`optimizer: Adam`) becomes one with arguments where the path leads into them, and another name
    replaces the one that is there with all its arguments.

    Args:
        node: The tree.
        path: Where the value goes.
        spans: Where each step of the path was written.
        value: The value.
        done: The steps that lead to this node.
    """
    if not path:
        return value, ()
    step, rest = path[0], path[1:]
    span, others = spans[0], spans[1:]
    if isinstance(step, int):
        if not isinstance(node, Sequence):
            return node, (_no_such(span, f"`{format_path(done)}` is not a list", done, node),)
        if step >= len(node.items):
            count = len(node.items)
            size = "1 item" if count == 1 else f"{count} items"
            return node, (_no_such(span, f"`{format_path(done)}` has {size}", done, node),)
        item, problems = lay_over(node.items[step], rest, others, value, (*done, step))
        items = (*node.items[:step], item, *node.items[step + 1 :])
        return Sequence(items, node.span), problems
    key = Scalar(step, span)
    named = choice_of(node, step, done)
    if named is not None:
        # `train.optimizer.learning_rate`, whatever optimizer it is.
        inner, problems = lay_over(named.value, path, spans, value, (*done, named.name))
        return Mapping((replace(named, value=inner),), node.span), problems
    if isinstance(node, Scalar) and node.value in (None, step) and not node.quoted:
        # Nothing yet, or a bare name (`GroupSort2`, `optimizer: Adam`) that is now given an argument.
        node = Mapping((), node.span)
    if not isinstance(node, Mapping):
        where = f"`{format_path(done)}` is" if done else "the config is"
        return node, (_no_such(span, f"{where} not a mapping, so it has no `{step}`", done, node),)
    if is_choice(node) and step[:1].isupper() and node.entries[0].name != step:
        # Another name is another choice: `train.optimizer.SGD.momentum=0.9` over `optimizer: {Adam: …}`.
        node = Mapping((), node.span)
    old = node.entry(step)
    if old is None:
        new, problems = lay_over(Mapping((), span), rest, others, value, (*done, step))
        return Mapping((*node.entries, Entry(key, new)), node.span), problems
    new, problems = lay_over(old.value, rest, others, value, (*done, step))
    entries = tuple(
        replace(e, key=key if not rest else e.key, value=new) if e is old else e for e in node.entries
    )
    return Mapping(entries, node.span), problems


def choice_of(node: TextNode, step: str, done: Path) -> Entry | None:
    """The name that a place has chosen, where a step is an argument of it; None where it is anything else.

    Args:
        node: What the place has.
        step: The next step of a path.
        done: The steps that lead to the place.
    """
    if step[:1].isupper() or done[:1] == ("variables",):
        return None
    if isinstance(node, Scalar) and isinstance(node.value, str) and not node.quoted:
        return Entry(node, Scalar(None, node.span)) if node.value[:1].isupper() and done else None
    if not isinstance(node, Mapping) or not is_choice(node) or not node.entries[0].name[:1].isupper():
        return None
    [entry] = node.entries
    return entry if not isinstance(entry.value, Scalar) or entry.value.value is None else None


def spelled_out(node: TextNode | None, steps: Path) -> Path:
    """A path with the names that a config has chosen: `train.optimizer.Adam.learning_rate`.

    Args:
        node: The config.
        steps: The path.
    """
    found: Path = ()
    for step in steps:
        named = choice_of(node, step, found) if node is not None and isinstance(step, str) else None
        if named is not None:
            found, node = (*found, named.name), named.value
        found = (*found, step)
        if isinstance(step, int):
            node = node.items[step] if isinstance(node, Sequence) and step < len(node.items) else None
        else:
            node = node.get(step) if isinstance(node, Mapping) else None
    return found


def _no_such(span: Span, message: str, done: Path, node: TextNode) -> Problem:
    advice = ""
    if isinstance(node, Sequence) and node.items:
        count = len(node.items)
        advice = (
            f"they are counted from 0: `{format_path((*done, 0))}` to `{format_path((*done, count - 1))}`"
        )
    elif isinstance(node, Mapping) and node.entries:
        advice = f"its keys are {', '.join(f'`{entry.name}`' for entry in node)}"
    return Problem("malformed-options", message, span, help=advice)


def _respan(node: TextNode, source: SourceText) -> TextNode:
    span = Span(source, node.span.start, node.span.end)
    if isinstance(node, Scalar):
        return Scalar(node.value, span, node.quoted)
    if isinstance(node, Sequence):
        return Sequence(tuple(_respan(item, source) for item in node.items), span)
    return Mapping(
        tuple(
            Entry(
                Scalar(e.key.value, Span(source, e.key.span.start, e.key.span.end), e.key.quoted),
                _respan(e.value, source),
            )
            for e in node.entries
        ),
        span,
    )


def _repoint(problem: Problem, source: SourceText) -> Problem:
    return replace(problem, origin=Span(source, problem.span.start, problem.span.end))
