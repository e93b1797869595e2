"""From nodes to typed sections, by pydantic, with every error at its place in the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from lipbuild.source.edit import Edit
from lipbuild.source.fix import Applicability, Fix
from lipbuild.source.nodes import Entry, Mapping, Node, Scalar, Sequence, kind, plain
from lipbuild.source.problem import Problem
from lipbuild.source.scalars import resolve
from lipbuild.source.span import Span
from lipbuild.spec.choice import Choice
from lipbuild.spec.messages import explain, number_fix
from lipbuild.spec.strict import Strict
from lipbuild.spec.suggest import nearest

S = TypeVar("S", bound=Strict)
Report = Callable[[Problem], None]


def decode(cls: type[S], node: Node, what: str, report: Report, *, at: Span | None = None) -> S | None:
    """A mapping as an instance of `cls`, or None where something in it is wrong (and has been reported).

    Args:
        cls: The section's class.
        node: Its value in the config; nothing (`null`) counts as an empty mapping.
        what: What the section is, in words for a message (`layer SpectralDense`).
        report: Takes the problems.
        at: Where a missing key is reported; the node itself where left out.
    """
    if isinstance(node, Scalar) and node.value is None:
        node = Mapping((), node.span)
    if not isinstance(node, Mapping):
        report(
            Problem("wrong-types", f"{what} takes a mapping of its keys, and this is {kind(node)}", node.span)
        )
        return None
    result: S | None = _Decoder(cls, node, what, report, at or _head(node)).run()
    return result


def decode_choice(choice: Choice, node: Node, report: Report) -> Strict | None:
    """A name, or a name with its arguments, as an instance of the class that the name stands for."""
    named = split_name(node, choice.what, report)
    if named is None:
        return None
    name, arguments = named
    text = str(name.value)
    cls = choice.classes.get(text)
    if cls is None:
        report(unknown_name(choice.what, text, name.span, choice.classes, choice.rule))
        return None
    return decode(cls, arguments, f"{choice.what} {text}", report, at=name.span)


def split_name(node: Node, what: str, report: Report) -> tuple[Scalar, Node] | None:
    """The name of `Name` or `Name: {…}` and the node of its arguments."""
    if isinstance(node, Scalar):
        if isinstance(node.value, str):
            return node, Scalar(None, node.span)
        report(Problem("wrong-types", f"{_a(what)} is a name, and this is {kind(node)}", node.span))
        return None
    if isinstance(node, Mapping) and len(node) == 1:
        entry = node.entries[0]
        if isinstance(entry.key.value, str):
            return entry.key, entry.value
        report(Problem("wrong-types", f"{_a(what)} is a name, and this is {kind(entry.key)}", entry.key.span))
        return None
    if isinstance(node, Mapping) and len(node) > 1:
        first, second = node.entries[0], node.entries[1]
        report(
            Problem(
                "wrong-types",
                f"{_a(what)} is one name with its arguments, and this has a second key `{second.name}`",
                second.key.span,
                help=f"write its arguments inside: `{first.name}: {{{second.name}: …}}`",
            )
        )
        return None
    report(
        Problem(
            "wrong-types",
            f"{_a(what)} is a name, or a name with arguments, and this is {kind(node)}",
            node.span,
        )
    )
    return None


def unknown_name(what: str, name: str, span: Span, known: Any, rule: str = "unknown-names") -> Problem:
    """The problem of a name that nothing is known by, with the nearest that is."""
    near = nearest(name, known)
    if near is not None:
        advice = f"there is a {what} with a similar name: `{near}`"
    elif len(known) > 20:
        advice = f"`lipbuild schema` lists every {what} that there is"
    else:
        advice = f"known are {', '.join(sorted(known))}"
    fix = _rename(Scalar(name, span), near) if near is not None else None
    return Problem(rule, f"unknown {what} `{name}`", span, help=advice, fix=fix)


def _rename(name: Scalar, near: str) -> Fix | None:
    """The nearest name in a name's place, where the text holds the name itself (and no variable or alias)."""
    if name.span.text != name.value:
        return None
    message = f"replace `{name.value}` by `{near}`"
    return Fix(message, (Edit(name.span, near),), Applicability.UNSAFE)


def _a(what: str) -> str:
    return f"an {what}" if what[0] in "aeiou" else f"a {what}"


def _head(node: Mapping) -> Span:
    """The first line of a mapping: where a key that it lacks is reported."""
    source = node.span.source
    line, _ = source.position(node.span.start)
    return Span(source, node.span.start, max(node.span.start, min(node.span.end, source.line_end(line))))


class _Decoder:
    def __init__(self, cls: type[Any], node: Mapping, what: str, report: Report, at: Span) -> None:
        self.cls = cls
        self.node = node
        self.what = what
        self.at = at
        self._report = report
        self.failed: set[str] = set()
        self.sound = True

    def report(self, problem: Problem) -> None:
        self.sound = False
        self._report(problem)

    def run(self) -> Any:
        values: dict[str, Any] = {}
        unknown: list[Entry] = []
        for entry in self.node.entries:
            field = self.cls.model_fields.get(entry.name)
            if field is None:
                unknown.append(entry)
                continue
            value = self.value(field, entry)
            if value is None and not (isinstance(entry.value, Scalar) and entry.value.value is None):
                self.failed.add(entry.name)
            else:
                values[entry.name] = value
        self.unknown_keys(unknown)
        try:
            result = self.cls.model_validate(values)
        except ValidationError as error:
            self.validation_errors(error)
            return None
        return result if self.sound else None

    def value(self, field: FieldInfo, entry: Entry) -> Any:
        """The value of one key: a decoded part where the field is one, else plain values for pydantic."""
        choice = next((m for m in field.metadata if isinstance(m, Choice)), None)
        node = entry.value
        if choice is not None:
            if choice.many and isinstance(node, Sequence):
                parts = [decode_choice(choice, item, self.report) for item in node.items]
                return None if None in parts else parts
            if not choice.many and (isinstance(node, Mapping) or _is_name(node)):
                return decode_choice(choice, node, self.report)
            return plain(node)
        section = section_class(field)
        if section is not None:
            return decode(section, node, f"`{entry.name}`", self.report, at=entry.key.span)
        return plain(node)

    def unknown_keys(self, entries: list[Entry]) -> None:
        fields = self.cls.model_fields
        for entry in entries:
            absent = [name for name in fields if self.node.entry(name) is None and name not in self.failed]
            near = nearest(entry.name, absent)
            needed = [name for name in absent if fields[name].is_required()]
            if near is not None:
                # The missing key and the unknown one are one mistake.
                self.failed.add(near)
                advice = f"there is a key with a similar name: `{near}`"
            elif needed:
                self.failed.update(needed)
                advice = f"it needs the key `{needed[0]}`"
            elif fields:
                advice = f"its keys are {', '.join(_own_first(self.cls))}"
            else:
                advice = "it takes no keys"
            self.report(
                Problem(
                    "unknown-keys",
                    f"{self.what} has no key `{entry.name}`",
                    entry.key.span,
                    help=advice,
                    fix=_rename(entry.key, near) if near is not None else None,
                )
            )

    def validation_errors(self, error: ValidationError) -> None:
        missing: list[str] = []
        seen: set[str] = set()
        for item in error.errors(include_url=False, include_context=True):
            loc = item["loc"]
            name = str(loc[0]) if loc else ""
            if item["type"] == "missing" and len(loc) == 1:
                if name not in self.failed:
                    missing.append(name)
                continue
            # A union tries each of its types; the first one's words are the plainest.
            if name in seen or name in self.failed:
                continue
            seen.add(name)
            span, value = self.locate(loc)
            rule, message, advice = explain(item, name, value)
            self.report(Problem(rule, message, span, help=advice, fix=number_fix(item["type"], value)))
        if missing:
            names = " and ".join(f"`{name}`" for name in missing)
            keys = "key" if len(missing) == 1 else "keys"
            self.report(
                Problem(
                    "missing-keys",
                    f"{self.what} lacks the {keys} {names}",
                    self.at,
                    help=_missing_help(self.cls, missing[0]),
                )
            )

    def locate(self, loc: tuple[int | str, ...]) -> tuple[Span, Node]:
        """The node that a pydantic location leads to, as far as it can be followed."""
        node: Node = self.node
        span = self.at
        for step in loc:
            if isinstance(node, Mapping) and isinstance(step, str) and (entry := node.entry(step)):
                node, span = entry.value, entry.value.span
                if span.start == span.end:
                    span = entry.key.span
            elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
                span = node.span
        return span, node


def section_class(field: FieldInfo) -> type[Strict] | None:
    """The class of a field that is a section, given or left out."""
    for option in (field.annotation, *get_args(field.annotation)):
        if isinstance(option, type) and issubclass(option, Strict):
            return option
    return None


def _own_first(cls: type[Strict]) -> list[str]:
    """The keys of a section, those that it shares with others last."""
    shared = {name for base in cls.__mro__[1:] for name in getattr(base, "model_fields", {})}
    return sorted(cls.model_fields, key=lambda name: name in shared)


def _is_name(node: Node) -> bool:
    """Whether a value can be the name of a choice; a number in quotation marks is a number gone wrong."""
    return isinstance(node, Scalar) and isinstance(node.value, str) and isinstance(resolve(node.value), str)


def _missing_help(cls: type[Strict], name: str) -> str:
    description = cls.model_fields[name].description or ""
    return f"`{name}`: {description[:1].lower()}{description[1:].rstrip('.')}" if description else ""
