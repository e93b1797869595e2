"""The grammar of `space:`: from nodes to the keys that a sweep varies."""

from __future__ import annotations

from collections.abc import Callable

from lipbuild.config.decode import decode
from lipbuild.config.sweep.dimension import Dimension
from lipbuild.config.sweep.range import Range
from lipbuild.text.nodes import Entry, Mapping, Scalar, Sequence, TextNode, kind, plain
from lipbuild.text.path import parse_path, step_places
from lipbuild.text.problem import Problem, Related
from lipbuild.text.span import Span

Report = Callable[[Problem], None]
Space = tuple[Dimension, ...]

_FORMS = "write a range as `{low: 1, high: 10}` and choices as `[1, 2, 5]`"


def decode_space(node: TextNode, report: Report, *, at: Span) -> Space:
    """The keys that a sweep varies, as far as they could be read.

    Args:
        node: The value of `space`.
        report: Takes the problems.
        at: Where it is reported that there is none.
    """
    if isinstance(node, Scalar) and node.value is None:
        report(Problem("out-of-range-values", "`space` needs at least 1 key", at))
        return ()
    if not isinstance(node, Mapping):
        message = f"`space` takes a mapping of paths to what they take, and this is {kind(node)}"
        report(Problem("wrong-types", message, node.span, help="write `train.batch_size: [32, 64]`"))
        return ()
    if not node.entries:
        report(Problem("out-of-range-values", "`space` needs at least 1 key", node.span))
    found = (_dimension(entry, report) for entry in node.entries)
    return tuple(dimension for dimension in found if dimension is not None)


def _dimension(entry: Entry, report: Report) -> Dimension | None:
    key, value = entry.key, entry.value
    steps = parse_path(entry.name)
    if steps is None:
        message = f"`{entry.name}` is not the path of a key"
        advice = "write it like `train.batch_size` or `model.layers[1].SpectralDense.units`"
        report(Problem("unknown-keys", message, key.span, help=advice))
        return None
    if isinstance(value, Sequence):
        return _choices(entry, value, report)
    if not isinstance(value, Mapping):
        message = f"`{entry.name}` takes a range or a list of choices, and this is {kind(value)}"
        place = value.span if value.span.end > value.span.start else key.span
        report(Problem("wrong-types", message, place, help=_FORMS))
        return None
    numbers = decode(Range, value, f"the range of `{entry.name}`", report)
    if numbers is None:
        return None
    ends = tuple(Scalar(number, _place(value, name)) for name, number in _ends(numbers))
    return Dimension(entry.name, steps, _step_spans(key, len(steps)), key.span, numbers, ends, value.span)


def _ends(numbers: Range) -> tuple[tuple[str, int | float], ...]:
    if numbers.is_whole:
        return ("low", numbers.low), ("high", numbers.high)
    return ("low", float(numbers.low)), ("high", float(numbers.high))


def _place(value: Mapping, name: str) -> Span:
    node = value.get(name)
    assert node is not None
    return node.span


def _choices(entry: Entry, value: Sequence, report: Report) -> Dimension | None:
    if not value.items:
        message = f"the choices of `{entry.name}` need at least 1 item"
        report(Problem("out-of-range-values", message, value.span))
        return None
    for index, item in enumerate(value.items):
        equal = next((other for other in value.items[:index] if _is_equal(other, item)), None)
        if equal is not None:
            message = f"`{entry.name}` has this choice twice"
            first = Related(equal.span, "first here")
            report(
                Problem(
                    "out-of-range-values", message, item.span, related=(first,), help="leave one of them out"
                )
            )
            return None
    steps = parse_path(entry.name)
    assert steps is not None
    spans = _step_spans(entry.key, len(steps))
    return Dimension(entry.name, steps, spans, entry.key.span, None, value.items, value.span)


def _is_equal(one: TextNode, other: TextNode) -> bool:
    # `1`, `1.0` and `true` are three values.
    return repr(plain(one)) == repr(plain(other))


def _step_spans(key: Scalar, count: int) -> tuple[Span, ...]:
    """Where each step of a path stands; the whole of it where it is not written plainly."""
    text, name = key.span.text, str(key.value)
    offset = {name: 0, f'"{name}"': 1, f"'{name}'": 1}.get(text)
    if offset is None:
        return (key.span,) * count
    start = key.span.start + offset
    return tuple(Span(key.span.source, start + a, start + b) for a, b in step_places(name))
