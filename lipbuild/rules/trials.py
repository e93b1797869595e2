"""The rules, applied to what a sweep tries: no trial is to be refused after an hour of others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from lipbuild.config.config import Config
from lipbuild.config.messages import shown
from lipbuild.config.sweep.dimension import Dimension
from lipbuild.config.sweep.space import Space
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.registry import RULES
from lipbuild.text.load import Loaded
from lipbuild.text.nodes import Mapping, TextNode, plain
from lipbuild.text.overrides import lay_over
from lipbuild.text.problem import Problem, Related
from lipbuild.text.span import Span
from lipbuild.text.suggest import nearest
from lipbuild.text.variables import substitute

# So many combinations of ends and choices are all looked at; of more, those that differ from the first in one key.
_ALL = 64

Trial = tuple[TextNode, ...]
Find = Callable[[Loaded], Iterable[Problem]]


def problems_of_trials(loaded: Loaded, config: Config, found: Sequence[Problem], find: Find) -> list[Problem]:
    """What is wrong with trials of a config's sweep, and not with the config itself.

    A check of every trial is out of the question. Each choice and each end of a range is looked at, with the
    lowest values of the other keys and, where they are few, in every combination.

    Args:
        loaded: The config as a tree.
        config: What it says.
        found: What is wrong with it.
        find: Applies the rules to another tree.
    """
    base = _without_sweep(loaded)
    reported = {_identity(problem) for problem in found}
    problems: dict[object, Problem] = {}
    for trial in _trials(config.space):
        variant, misplaced = _lay_over(base, config.space, trial)
        errors = [p for p in (*misplaced, *find(variant)) if RULES[p.rule].severity is Severity.ERROR]
        for problem in errors:
            if _identity(problem) in reported:
                continue
            reported.add(_identity(problem))
            if any(_is_in(problem.span, place) for key in config.space for place in (key.span, key.whole)):
                problems[_identity(problem)] = problem
                continue
            # A layer that has something against each second number of a range says so once.
            makers = _makers(problem, base, config.space, trial, find)
            keys = tuple(key.path for key, _ in makers)
            problems.setdefault((problem.rule, problem.span, keys), _at(makers, problem))
    return list(problems.values())


def _without_sweep(loaded: Loaded) -> Loaded:
    """The tree as its trials have it, before they are laid over it."""
    assert loaded.template is not None
    entries = tuple(entry for entry in loaded.template.entries if entry.name != "sweep")
    return replace(loaded, template=Mapping(entries, loaded.template.span), problems=())


def _trials(space: Space) -> Iterator[Trial]:
    """The combinations that stand for all of them, the lowest one first."""
    samples = [dimension.samples() for dimension in space]
    if math.prod(map(len, samples)) <= _ALL:
        yield from product(*samples)
        return
    lowest = tuple(values[0] for values in samples)
    yield lowest
    for index, values in enumerate(samples):
        for value in values[1:]:
            yield (*lowest[:index], value, *lowest[index + 1 :])
    ends = [(values[0], values[-1]) for values in samples]
    if math.prod(map(len, ends)) <= _ALL:
        yield from product(*ends)
    else:
        yield tuple(values[-1] for values in samples)


def _lay_over(base: Loaded, space: Space, trial: Trial) -> tuple[Loaded, list[Problem]]:
    """A trial's tree, and why keys of it have no place."""
    assert base.template is not None
    node: TextNode = base.template
    misplaced: list[Problem] = []
    for key, value in zip(space, trial):
        unknown = _unknown_variable(node, key)
        laid, problems = lay_over(node, key.steps, key.spans, value)
        if unknown is not None:
            misplaced.append(unknown)
        elif problems:
            misplaced += (replace(problem, rule="unknown-keys") for problem in problems)
        else:
            node = laid
    done = substitute(node)
    assert isinstance(done.root, Mapping)
    return replace(base, root=done.root, problems=done.problems, spoiled=done.spoiled), misplaced


def _unknown_variable(node: TextNode, dimension: Dimension) -> Problem | None:
    """A variable that nothing can use, for the config does not have it."""
    if dimension.steps[0] != "variables" or not isinstance(node, Mapping) or len(dimension.steps) < 2:
        return None
    variables = node.get("variables")
    known = [entry.name for entry in variables] if isinstance(variables, Mapping) else []
    name = str(dimension.steps[1])
    if name in known:
        return None
    near = nearest(name, known)
    return Problem(
        "unknown-keys",
        f"the config has no variable `{name}`",
        dimension.spans[1],
        help=f"there is one with a similar name: `{near}`"
        if near is not None
        else "add it under `variables`",
    )


def _at(makers: Sequence[tuple[Dimension, TextNode]], problem: Problem) -> Problem:
    """The problem at the values of the sweep that make it."""
    said = " and ".join(f"`{key.path}: {_written(value)}`" for key, value in makers)
    key, value = makers[0]
    return Problem(
        problem.rule,
        f"with {said}: {problem.message}",
        value.span if value.span.end > value.span.start else key.span,
        related=(Related(problem.span, "here"), *problem.related),
        notes=problem.notes,
        help=problem.help,
    )


def _makers(
    problem: Problem, base: Loaded, space: Space, trial: Trial, find: Find
) -> list[tuple[Dimension, TextNode]]:
    """The keys without which there would be no such problem; all of them where no single one makes it."""
    found = []
    for index, (key, value) in enumerate(zip(space, trial)):
        others = (*space[:index], *space[index + 1 :]), (*trial[:index], *trial[index + 1 :])
        variant, misplaced = _lay_over(base, *others)
        left = {_identity(other) for other in (*misplaced, *find(variant))}
        if _identity(problem) not in left:
            found.append((key, value))
    return found or list(zip(space, trial))


def _identity(problem: Problem) -> tuple[str, str, int, int]:
    return problem.rule, problem.message, id(problem.span.source), problem.span.start


def _is_in(span: Span, place: Span) -> bool:
    return span.source is place.source and place.start <= span.start and span.end <= place.end


def _written(value: TextNode) -> str:
    """A value as the config writes it, or, of one between the ends of a range, the number."""
    number = plain(value)
    return str(number) if isinstance(number, (int, float)) and not isinstance(number, bool) else shown(value)
