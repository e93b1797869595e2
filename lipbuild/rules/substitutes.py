"""Which layer takes the place of one that is refused, so that the network around it still fits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from pydantic import ValidationError

from lipbuild.config.build_graph import input_shape
from lipbuild.config.config import Config
from lipbuild.config.expand import expand
from lipbuild.config.stack import BlockUse, LayerUse, Stack, layers_of
from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs import LAYERS, LayerSpec
from lipbuild.network.specs.refused import REFUSED, Substitute
from lipbuild.rules.other_libraries import read_as_keras
from lipbuild.text.origin import Origin

Choice = Mapping[Origin, int]

# So often a network is tried; no network of which somebody wrote each layer needs as many.
_MOST_ROUNDS = 30
_FEW = 8


def substitutes(config: Config) -> Choice:
    """For each layer that has several substitutes the number of the first with which the network fits.

    The network is tried with the first substitutes of all. A layer whose substitute does not fit gets its next one.
    Where another layer does not fit what they make, those that change a shape get the last one, which keeps it: one of
    them if that mends it, or else all.
    """
    config = replace(config, stack=tuple(read_as_keras(config.stack)))
    uses = [use for use in layers_of(config.stack) if len(_instead(use)) > 1]
    choice = {use.origin: _first(use) for use in uses}
    if config.model is None:
        return choice
    trial = _tried(config, choice)
    for _ in range(_MOST_ROUNDS):
        failing = [use for use in uses if not _fits(use, choice[use.origin], trial)]
        # What a layer reads may not be known for the only reason that something above it does not fit.
        known = [use for use in failing if use.origin in trial.reads or _is_wrong(use, trial)]
        if not known and trial.wrong:
            better = _kept_shapes(config, uses, choice, trial)
            if better is not None:
                choice, trial = better
                continue
        if not failing:
            return choice
        choice = {**choice, **{use.origin: choice[use.origin] + 1 for use in known or failing}}
        trial = _tried(config, choice)
    return {use.origin: len(_instead(use)) - 1 for use in uses}


def _first(use: LayerUse) -> int:
    """The first substitute that is not too small for its strides whatever it reads."""
    for number, _ in enumerate(_instead(use)[:-1]):
        spec = _stand_in(use, number)
        try:
            if spec is not None:
                spec.output_shape((None, None, getattr(spec, "groups", 1)))
        except ShapeError:
            continue
        return number
    return len(_instead(use)) - 1


def _kept_shapes(
    config: Config, uses: list[LayerUse], choice: Choice, trial: _Trial
) -> tuple[dict[Origin, int], _Trial] | None:
    """One shape kept that is changed, or all of them, if more of the network can be made then."""
    changing = {
        use.origin: len(_instead(use)) - 1
        for use in uses
        if _instead(use)[choice[use.origin]].largest and use.origin in trial.reads
    }
    single = [{origin: last} for origin, last in changing.items()] if len(changing) <= _FEW else []
    for kept in (*single, changing):
        other = {**choice, **kept}
        tried = _tried(config, other)
        if len(tried.reads) > len(trial.reads):
            return other, tried
    return None


class _Trial(NamedTuple):
    """A network with substitutes: the shapes that its layers read, and the places where one does not fit."""

    reads: Mapping[Origin, Shape]
    wrong: list[Origin]


def _tried(config: Config, choice: Choice) -> _Trial:
    wrong: list[Origin] = []
    stack = tuple(_replaced(config.stack, choice))
    shape = input_shape(config, lambda _: None, None)
    expanded = expand(replace(config, stack=stack), shape, lambda problem: wrong.append(problem.origin))
    return _Trial({node.origin: node.input_shapes[0] for node in expanded.made}, wrong)


def _replaced(stack: Stack, choice: Choice) -> Iterator[LayerUse | BlockUse]:
    for use in stack:
        if isinstance(use, BlockUse):
            yield replace(use, stacks=tuple(tuple(_replaced(inner, choice)) for inner in use.stacks))
        else:
            yield use if use.known else replace(use, spec=_stand_in(use, choice.get(use.origin, 0)))


def _fits(use: LayerUse, number: int, trial: _Trial) -> bool:
    """Whether a substitute fits as far as it is known what it reads. The last one has to."""
    if number == len(_instead(use)) - 1:
        return True
    spec, substitute = _stand_in(use, number), _instead(use)[number]
    if _is_wrong(use, trial):
        return False
    if spec is None or not substitute.largest:
        # Arguments that are wrong are reported of the one that takes its place.
        return True
    shape = trial.reads.get(use.origin)
    try:
        last = _stand_in(use, len(_instead(use)) - 1)
        if shape is None or None in shape or last is None:
            return False
        # Its windows have to be those of the layer that it replaces.
        size = spec.output_shape(shape)[:2]
        window = math.prod(a // b for a, b in zip(shape[:2], size, strict=True) if a and b)
        return last.output_shape(shape)[:2] == size and window <= substitute.largest
    except ShapeError:
        return False


def _is_wrong(use: LayerUse, trial: _Trial) -> bool:
    return not {use.origin, *use.fields.values()}.isdisjoint(trial.wrong)


def _instead(use: LayerUse) -> tuple[Substitute, ...]:
    return REFUSED[use.kind].instead if not use.known and use.kind in REFUSED else ()


def _stand_in(use: LayerUse, number: int) -> LayerSpec | None:
    """What stands in a layer's place as far as shapes go; None where nothing does."""
    refused = REFUSED.get(use.kind)
    if refused is None:
        return None
    kind, values = "Identity", dict(use.values)
    if refused.instead:
        substitute = refused.instead[number]
        kind, values = substitute.kind, {**dict(substitute.defaults), **values}
    elif refused.remedy != "remove" and not refused.function:
        return None
    cls = LAYERS[kind]
    try:
        return cls.model_validate({key: value for key, value in values.items() if key in cls.model_fields})
    except ValidationError:
        return None
