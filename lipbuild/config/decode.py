"""From nodes to typed sections, with every error at its place in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any, TypeVar, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from lipbuild.config.hints import elsewhere, not_here, synonym, synonyms
from lipbuild.config.invalid import Invalid, Location, invalid, is_valid, wrong_with
from lipbuild.config.names import renamed, split_name, unknown_name
from lipbuild.fields.choice import Choice
from lipbuild.fields.strict import Strict
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Fix
from lipbuild.text.nodes import Entry, Mapping, PlainValue, Scalar, Sequence, TextNode, kind, plain
from lipbuild.text.problem import Problem, Related
from lipbuild.text.scalars import resolve
from lipbuild.text.span import Span
from lipbuild.text.suggest import nearest

# The keys that every layer has, and how many keys fit a message.
_COMMON = ("name", "inputs")
_BLOCK_KEYS = ("layers", "branches", "merge")
_FEW = 10

S = TypeVar("S", bound=Strict)
Report = Callable[[Problem], None]
Astray = Callable[[], frozenset[str]]


def decode(
    cls: type[S],
    node: TextNode,
    what: str,
    report: Report,
    *,
    at: Span | None = None,
    astray: Astray = frozenset,
) -> S | None:
    """A mapping as an instance of `cls`, or None where something in it is wrong (and has been reported).

    Args:
        cls: The section's class.
        node: Its value in the config; nothing (`null`) counts as an empty mapping.
        what: What the section is, in words for a message (``layer `SpectralDense` ``).
        report: Takes the problems.
        at: Where a missing key is reported; the node itself where left out.
        astray: Finds keys that stand elsewhere, where they are reported: they are not missing as well.
    """
    if isinstance(node, Scalar) and node.value is None:
        node = Mapping((), node.span)
    if not isinstance(node, Mapping):
        fix = _only_key(cls, node)
        advice = f"name the key: {fix.message}" if fix is not None else _its_keys(cls)
        if re.search(r"\.ya?ml$", node.span.text):
            fix, advice = (
                None,
                f"another config is taken as a whole, by `extends: {node.span.text}` at the top",
            )
        message = f"{what} takes a mapping of its keys, and this is {kind(node)}"
        report(Problem("wrong-types", message, node.span, help=advice, fix=fix))
        return None
    result: S | None = _Decoder(cls, node, what, report, at or _head(node), astray).run()
    return result


def keys_astray(cls: type[Strict], node: Mapping, but: str = "") -> frozenset[str]:
    """The keys that are unknown where they stand, in a mapping or in those of its sections.

    Args:
        cls: The class of the mapping.
        node: The mapping.
        but: A section that is passed over.
    """
    found: set[str] = set()
    for entry in node.entries:
        if entry.name == but:
            continue
        field = cls.model_fields.get(entry.name)
        if field is None:
            found.update((entry.name, *synonyms(entry.name)))
        elif isinstance(entry.value, Mapping) and (section := section_class(field)) is not None:
            found |= keys_astray(section, entry.value)
    return frozenset(found)


def decode_choice(
    choice: Choice, node: TextNode, report: Report, *, what: str = "", astray: Astray = frozenset
) -> Strict | None:
    """A name, or a name with its arguments, as an instance of the class that the name stands for.

    Args:
        choice: What may be chosen.
        node: The value in the config.
        report: Takes the problems.
        what: What the key takes, in words, where that is more than the choice.
        astray: Finds keys that stand elsewhere, where they are reported: they are not missing as well.
    """
    named = split_name(node, choice.what, choice.classes, report)
    if named is None:
        return None
    name, arguments = named
    text = str(name.value)
    cls = choice.classes.get(text)
    if cls is None:
        report(
            unknown_name(
                choice.what, text, name.span, choice.classes, choice.rule, takes=what, classes=choice.classes
            )
        )
        return None
    return decode(cls, arguments, f"{choice.what} `{text}`", report, at=name.span, astray=astray)


def _only_key(cls: type[Strict], node: TextNode) -> Fix | None:
    """`64` as `{units: 64}`, where the class needs one key, or has one, and this is its value or an item of it."""
    from lipbuild.config.rewrite import in_braces

    needed = [name for name, field in cls.model_fields.items() if field.is_required()]
    if len(needed) > 1:
        return None
    fixes = (
        in_braces(node, name, partial(_accepts, cls, name), as_list=as_list)
        for name in needed or cls.model_fields
        for as_list in (False, True)
    )
    found = [fix for fix in fixes if fix is not None]
    return found[0] if len(found) == 1 or (needed and found) else None


def _accepts(cls: type[Strict], name: str, value: PlainValue) -> bool:
    choice = choice_of(cls.model_fields[name])
    if cls.model_fields[name].annotation is Any:
        # It has a grammar of its own: a list of layers.
        return isinstance(value, list) and name == "layers"
    if choice is not None:
        return isinstance(value, str) and value in choice.classes
    return is_valid(cls, name, value)


def choice_of(field: FieldInfo) -> Choice | None:
    """The choice that a key is, if it is one."""
    return next((extra for extra in field.metadata if isinstance(extra, Choice)), None)


def _head(node: Mapping) -> Span:
    """The first line of a mapping: where a key that it lacks is reported."""
    source = node.span.source
    line, _ = source.position(node.span.start)
    return Span(source, node.span.start, max(node.span.start, min(node.span.end, source.line_end(line))))


class _Decoder:
    def __init__(
        self, cls: type[Any], node: Mapping, what: str, report: Report, at: Span, astray: Astray
    ) -> None:
        self.cls = cls
        self.node = node
        self.what = what
        self.at = at
        self._report = report
        self._astray = astray
        self.failed: set[str] = set()
        self.sound = True

    def report(self, problem: Problem) -> None:
        self.sound = False
        self._report(problem)

    def run(self) -> Any:
        values: dict[str, Any] = {}
        unknown: list[Entry] = []
        tuples = self.tuples()
        for entry in self.node.entries:
            if entry in tuples:
                continue
            field = self.cls.model_fields.get(entry.name)
            if field is None:
                unknown.append(entry)
                continue
            value = self.value(field, entry)
            if entry.name in self.failed:
                continue
            if value is None and not (isinstance(entry.value, Scalar) and entry.value.value is None):
                self.failed.add(entry.name)
            else:
                values[entry.name] = value
        self.unknown_keys(unknown)
        try:
            result = self.cls.model_validate(values)
        except ValidationError as error:
            self.invalid(invalid(error, values))
            return None
        return result if self.sound else None

    def tuples(self) -> list[Entry]:
        """The entries that `{kernel_size: (3, 3)}` is read as, a value `(3` and a key `3)`: one mistake."""
        found: list[Entry] = []
        begun: list[Entry] = []
        for entry in self.node.entries:
            empty = isinstance(entry.value, Scalar) and entry.value.value is None
            if entry.value.span.text.startswith("(") and not entry.value.span.text.endswith(")"):
                begun = [entry]
            elif begun and empty and not entry.value.span.text:
                begun.append(entry)
                if entry.key.span.text.endswith(")"):
                    span = Span(entry.key.span.source, begun[0].value.span.start, entry.key.span.end)
                    written = f"[{span.text[1:-1].strip(' ,')}]"
                    message = f"`{begun[0].name}` is written as a tuple of Python"
                    fix = Fix(f"write `{written}`", (Edit(span, written),))
                    help = f"{fix.message}: a list stands in brackets"
                    self.report(Problem("wrong-types", message, span, help=help, fix=fix))
                    self.failed.add(begun[0].name)
                    found += begun
                    begun = []
            else:
                begun = []
        return found

    def value(self, field: FieldInfo, entry: Entry) -> Any:
        """The value of one key: a decoded part where the field is one, else plain values."""
        choice = choice_of(field)
        node = entry.value
        if choice is not None:
            if choice.many and isinstance(node, Sequence):
                parts = [decode_choice(choice, item, self.report) for item in node.items]
                return None if None in parts else parts
            if not choice.many and (isinstance(node, Mapping) or _is_name(node)):
                astray = partial(keys_astray, self.cls, self.node, but=entry.name)
                what = _expected(choice, field)
                return decode_choice(choice, node, self.report, what=what, astray=astray)
            empty = isinstance(node, Scalar) and node.value is None
            if field.is_required() if empty else choice.many or not _expected(choice, field):
                self.no_choice(choice, entry)
                return None
            return plain(node)
        section = section_class(field)
        if section is not None:
            astray = partial(keys_astray, self.cls, self.node, but=entry.name)
            return decode(section, node, f"`{entry.name}`", self.report, at=entry.key.span, astray=astray)
        return plain(node)

    def no_choice(self, choice: Choice, entry: Entry) -> None:
        """A choice whose name is left out, or several where one is wanted, or one where several are."""
        self.failed.add(entry.name)
        node, fix = entry.value, None
        written = node.span.text
        empty = isinstance(node, Scalar) and node.value is None
        a = "an" if choice.what[0] in "aeiou" else "a"
        wanted = f"a list of {choice.what}s" if choice.many else f"{a} {choice.what}"
        advice = f"name one, such as `{next(iter(choice.classes))}`"
        if expected := _expected(choice, self.cls.model_fields[entry.name]):
            wanted, advice = expected, ""
        if choice.many and written and "\n" not in written and not empty:
            fix = Fix(f"write `[{written}]`", (Edit(node.span, f"[{written}]"),))
            advice = f"{fix.message}: a list stands in brackets, even of one item"
        message = (
            f"`{entry.name}` takes {wanted}, and {'it is left empty' if empty else f'this is {kind(node)}'}"
        )
        place = entry.key.span if empty else node.span
        self.report(Problem("wrong-types", message, place, help=advice, fix=fix))

    def unknown_keys(self, entries: list[Entry]) -> None:
        fields = self.cls.model_fields
        for entry in entries:
            absent = [name for name in fields if self.node.entry(name) is None and name not in self.failed]
            near = _meant(entry.name, absent)
            needed = [name for name in absent if fields[name].is_required()]
            spaced = _missing_blank(entry, absent)
            reason = not_here(entry.name)
            fix = renamed(entry.name, entry.key.span, near)
            if reason is not None and self.what[1:2].isupper():
                advice, fix = reason, None
            elif spaced is not None:
                near, fix = entry.name.partition(":")[0], spaced
                self.failed.add(near)
                advice = "put a space after the colon"
            elif near is not None:
                # The missing key and the unknown one are one mistake.
                self.failed.add(near)
                like = nearest(entry.name, [near]) is not None
                advice = (
                    f"there is a key with a similar name: `{near}`" if like else f"it is called `{near}` here"
                )
            elif (given := _meant(entry.name, fields)) is not None:
                # An option, a child or a sweep may name again what stands elsewhere already.
                beside = self.beside(entry, given)
                fix = None if beside else renamed(entry.name, entry.key.span, given)
                advice = (
                    f"there is a key with a similar name: `{given}`{', and it is given' if beside else ''}"
                )
            elif (
                place := self.holder(entry.name) or self.owner(entry.name) or elsewhere(entry.name)
            ) is not None:
                advice = place
                self.failed.update(needed)
            elif needed:
                self.failed.update(needed)
                advice = f"it needs the key `{needed[0]}`"
            else:
                advice = _its_keys(self.cls)
                if self.cls.__name__ == "ConfigSection" and _is_anchored(entry):
                    advice = "values for use elsewhere stand under `variables`"
            message = f"{self.what} has no key `{entry.name}`"
            self.report(Problem("unknown-keys", message, entry.key.span, help=advice, fix=fix))

    def holder(self, name: str) -> str | None:
        """Which layers hold others, where a layer that does not is given some."""
        if name not in _BLOCK_KEYS or not hasattr(self.cls, "merges"):
            return None
        if self.cls.merges:
            return (
                "it reads the layers that it names, `inputs: [a, b]`: those with layers of their own are "
                "`Residual: {layers: […]}` and `Parallel: {branches: […], merge: …}`"
            )
        return "it does not contain layers: those that do are `Residual`, `Parallel` and `Repeat`"

    def owner(self, name: str) -> str | None:
        """The name beside it whose argument a key is: `tau` beside `loss: TauCategoricalCrossentropy`."""
        for entry in filter(None, map(self.node.entry, self.cls.model_fields)):
            choice = choice_of(self.cls.model_fields[entry.name])
            value = entry.value
            chosen = (
                value.entries[0].name
                if isinstance(value, Mapping) and len(value) == 1
                else value.value
                if isinstance(value, Scalar)
                else None
            )
            if choice is None or not isinstance(chosen, str) or chosen not in choice.classes:
                continue
            fields = choice.classes[chosen].model_fields
            key = name if name in fields else synonym(name, fields)
            if key is not None:
                return f"`{key}` is an argument of `{chosen}`: `{entry.name}: {{{chosen}: {{{key}: …}}}}`"
        return None

    def beside(self, entry: Entry, name: str) -> bool:
        """Whether a key stands in the same mapping of the same text as another."""
        other, span = self.node.entry(name), entry.key.span
        in_path = span.source.text[span.end : span.end + 1] == "."
        if other is None or other.key.span.source is not span.source or in_path:
            return False
        whole = self.node.span
        return whole.source is not span.source or whole.start <= span.start < whole.end

    def invalid(self, errors: Iterable[Invalid]) -> None:
        # Most configs are right, and need no words for what is wrong.
        from lipbuild.config.messages import explain

        missing: list[str] = []
        seen: set[Span] = set()
        for item in errors:
            name = str(item.loc[0]) if item.loc else ""
            if name in self.failed:
                continue
            if item.code == "missing":
                # Few configs lack a key, so that few pay for the search.
                if name not in self._astray():
                    missing.append(name)
                continue
            span, node = self.locate(item.loc)
            span, related = self.misfit(item) if "places" in item.details else (span, ())
            # What a variable or an alias brings is one mistake, however often it is wrong.
            if span in seen:
                continue
            seen.add(span)
            found = explain(item, self.called(item.loc), node, self.accepts(item))
            self.report(
                Problem(found.rule, found.message, span, related=related, help=found.help, fix=found.fix)
            )
        if missing:
            self.missing(missing)

    def misfit(self, error: Invalid) -> tuple[Span, tuple[Related, ...]]:
        """Where a value stands that does not fit others, and where they do; the later one of keys that clash."""
        if error.details["redundant"]:
            entries = [entry for entry in self.node.entries if (entry.name,) in error.details["places"]]
            *first, last = [entry.key.span for entry in entries] or [self.at]
            return last, tuple(Related(span, "given here") for span in first)
        place, *others = [self.locate(loc)[0] for loc in error.details["places"]]
        return place, tuple(Related(span, "") for span in others if span != place)

    def called(self, loc: Location) -> str:
        """What an error's place is called: `units`, `radii[2]`, `class_weights.cat`."""
        name = str(loc[0]) if loc else ""
        value = self.node.get(name)
        # A size that is given once stands for each dimension: then there is nothing to count.
        for step in loc[1:2]:
            if isinstance(value, Sequence) and isinstance(step, int):
                return f"{name}[{step}]"
            if isinstance(value, Mapping) and isinstance(step, str):
                return f"{name}.{step}"
        return name

    def accepts(self, error: Invalid) -> Callable[[object], bool]:
        """Whether another value would be right at the place of an error."""
        name, steps = (str(error.loc[0]), error.loc[1:]) if error.loc else ("", ())
        entry = self.node.entry(name)
        whole = plain(entry.value) if entry is not None else None

        def accepts(value: object) -> bool:
            if entry is None:
                return False
            if not steps or not isinstance(whole, list):
                return is_valid(self.cls, name, value)
            if len(steps) > 1 or not isinstance(steps[0], int):
                return False
            changed = [*whole[: steps[0]], value, *whole[steps[0] + 1 :]]
            return all(other.loc != error.loc for other in wrong_with(self.cls, name, changed))

        return accepts

    def missing(self, names: list[str]) -> None:
        listed = " and ".join(f"`{name}`" for name in names)
        keys = "key" if len(names) == 1 else "keys"
        notes = tuple(_meaning(self.cls, name) for name in names)
        self.report(
            Problem(
                "missing-keys",
                f"{self.what} lacks the {keys} {listed}",
                self.at,
                notes=tuple(note for note in notes if note),
                help=self.how(names),
            )
        )

    def how(self, names: list[str]) -> str:
        """How a missing key is written."""
        written = ", ".join(f"{name}: …" for name in names)
        if self.at.text and not self.node.entries and self.at.text[0].isupper():
            return f"write `{self.at.text}: {{{written}}}`"
        return f"add `{written}`"

    def locate(self, loc: Location) -> tuple[Span, TextNode]:
        """The node at an error's place, as far as it can be followed."""
        node: TextNode = self.node
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


def _meant(name: str, known: Collection[str]) -> str | None:
    """The key that an unknown one stands for: another library's word before a similar name."""
    return synonym(name, known) or nearest(name, known)


def _expected(choice: Choice, field: FieldInfo) -> str:
    """What a key takes that takes a number as well as a name."""
    kinds = (field.annotation, *get_args(field.annotation))
    numeric = any(kind in (int, float) or get_args(kind)[:1] in ((int,), (float,)) for kind in kinds)
    return f"a number or a {choice.what}" if numeric else ""


def section_class(field: FieldInfo) -> type[Strict] | None:
    """The class of a field that is a section, given or left out."""
    for option in (field.annotation, *get_args(field.annotation)):
        # Python 3.10 takes `list[int]` for a class.
        if get_origin(option) is None and isinstance(option, type) and issubclass(option, Strict):
            return option
    return None


_ANCHOR = re.compile(r"\s*:\s*&")


def _is_anchored(entry: Entry) -> bool:
    """Whether a value stands there only for an alias."""
    return (
        entry.value.span.text.startswith("&")
        or _ANCHOR.match(entry.key.span.source.text, entry.key.span.end) is not None
    )


def _missing_blank(entry: Entry, known: list[str]) -> Fix | None:
    """`{units:64}` as `{units: 64}`."""
    name, colon, rest = entry.name.partition(":")
    span = entry.key.span
    if not colon or not rest or name not in known or span.text != entry.name:
        return None
    at = span.start + len(name) + 1
    return Fix(f"write `{name}: {rest}`", (Edit(Span(span.source, at, at), " "),))


def _its_keys(cls: type[Strict]) -> str:
    """The keys of a section: what it needs first, and what every layer has last."""
    fields = cls.model_fields
    if not fields:
        return "it takes no keys"
    names = sorted(fields, key=lambda name: (not fields[name].is_required(), name in _COMMON))
    shown = ", ".join(f"`{name}`" for name in names[:_FEW])
    if len(names) == 1:
        return f"its one key is {shown}"
    return f"its keys are {shown}{' and others' if len(names) > _FEW else ''}"


def _is_name(node: TextNode) -> bool:
    """Whether a value can be the name of a choice; a number in quotation marks is a mistaken number."""
    return isinstance(node, Scalar) and isinstance(node.value, str) and isinstance(resolve(node.value), str)


def _meaning(cls: type[Strict], name: str) -> str:
    """What a key means; nothing where its meaning is its name."""
    description = (cls.model_fields[name].description or "").rstrip(".")
    plain_words = description.lower().removeprefix("the ") == name
    return "" if plain_words else f"`{name}`: {description[:1].lower()}{description[1:]}"
