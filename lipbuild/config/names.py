"""A name, or a name with its arguments: `Adam`, `Adam: {learning_rate: 1e-3}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from collections.abc import Mapping as Map

from lipbuild.config.hints import other_name
from lipbuild.fields.strict import Strict
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.nodes import Entry, Mapping, Scalar, Sequence, TextNode, kind
from lipbuild.text.origin import Origin
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span
from lipbuild.text.suggest import nearest

Report = Callable[[Problem], None]

# How other builders write the name of a layer beside its arguments.
_NAME_KEYS = ("type", "class_name", "class", "kind", "layer", "_target_")
_ARGUMENT_KEYS = ("config", "args", "kwargs", "params")
_CALL = r"(?s)((?:[A-Za-z_]\w*\.)*)([A-Za-z_]\w*)\((.*)\)"
_WITHOUT_COLON = r"(?s)([A-Za-z_]\w*) *\{.*"
_ARGUMENT = r"\s*(?:([A-Za-z_]\w*)\s*=\s*)?([^,=()\[\]{}]+|\[[^\[\]]*\]|\([^()]*\))\s*"
# Names that are not needed, and why.
_ANYHOW = dict.fromkeys(
    (("metric", name) for name in ("accuracy", "acc", "loss", "val_accuracy", "certified_accuracy")),
    "loss, accuracy and certified accuracy are measured anyhow: leave it out",
)
# So many names are too many for a message.
_MANY = 20


def split_name(
    node: TextNode, what: str, known: Collection[str], report: Report
) -> tuple[Scalar, TextNode] | None:
    """The name of `Name` or `Name: {…}` and the node of its arguments.

    Args:
        node: What the config has.
        what: What is named, in words for a message.
        known: The names that there are.
        report: Takes the problem where it is neither.
    """
    if isinstance(node, Scalar):
        if isinstance(node.value, str):
            return node, Scalar(None, node.span)
        if node.value is None and not node.span.text.strip():
            message = f"there is no {what} here"
            report(
                Problem("wrong-types", message, _dash(node.span), help=f"write {_a(what)}, or remove the `-`")
            )
            return None
        report(Problem("wrong-types", f"{_a(what)} is a name, and this is {kind(node)}", node.span))
        return None
    if isinstance(node, Mapping) and len(node) == 1:
        return _single(node.entries[0], what, known, report)
    if isinstance(node, Mapping) and len(node) > 1:
        report(_several(node, what, known))
        return None
    advice = ""
    if isinstance(node, Sequence):
        advice = "remove one `-`" if node.span.text.startswith("-") else "remove the brackets"
    message = f"{_a(what)} is a name, or a name with arguments, and this is {kind(node)}"
    report(Problem("wrong-types", message, node.span, help=advice))
    return None


def _single(
    entry: Entry, what: str, known: Collection[str], report: Report
) -> tuple[Scalar, TextNode] | None:
    key, value = entry.key, entry.value
    if not isinstance(key.value, str):
        report(Problem("wrong-types", f"{_a(what)} is a name, and this is {kind(key)}", key.span))
        return None
    if _names_it(entry, known):
        message = f"{_a(what)} is written by its name, without `{entry.name}:`"
        span = Span(key.span.source, key.span.start, value.span.start)
        fix = Fix("write the name alone", (Edit(span, ""),)) if span.text.startswith(entry.name) else None
        report(Problem("wrong-types", message, key.span, help=f"write `{value.span.text}`", fix=fix))
        return None
    return key, value


def _several(node: Mapping, what: str, known: Collection[str]) -> Problem:
    """What is meant by a mapping of several keys, where one name with its arguments is wanted."""
    first, second, *_ = node.entries
    named = None if first.name in known else next((e for e in node if _names_it(e, known)), None)
    if named is not None:
        rest = [e for e in node if e is not named]
        if len(rest) == 1 and rest[0].name in _ARGUMENT_KEYS:
            arguments = _flow(rest[0].value)
        else:
            arguments = f"{{{', '.join(f'{e.name}: {_flow(e.value)}' for e in rest)}}}"
        name = named.value.span.text.rpartition(".")[2]
        written = name if arguments in ("{}", "") else f"{name}: {arguments}"
        return Problem(
            "wrong-types",
            f"{_a(what)} is written by its name with its arguments, without `{named.name}:`",
            named.key.span,
            help=f"write it as `{written}`" if len(written) < 100 else "write its arguments inside its name",
            fix=_whole(node, written),
        )
    if second.name in known and first.name not in known:
        return Problem(
            "wrong-types",
            f"`{first.name}` stands beside `{second.name}`, and is its argument",
            first.key.span,
            help=f"write it inside: `{second.name}: {{{first.name}: …}}`",
        )
    if second.name in known and isinstance(second.key.value, str):
        source = second.key.span.source
        line, column = source.position(second.key.span.start)
        head = source.line(line)[: column - 1]
        fix = None
        if len(head) >= 2 and not head.strip():
            at = second.key.span.start
            fix = Fix(f"start a new item with `{second.name}`", (Edit(Span(source, at - 2, at), "- "),))
        return Problem(
            "wrong-types",
            f"two {what}s stand in one item: `{first.name}` and `{second.name}`",
            second.key.span,
            help=f"give `{second.name}` a `-` of its own",
            fix=fix,
        )
    from lipbuild.config.rewrite import nested

    empty = isinstance(first.value, Scalar) and first.value.value is None
    keys = Span(second.key.span.source, second.key.span.start, node.entries[-1].value.span.end)
    return Problem(
        "wrong-types",
        f"{_a(what)} is one name with its arguments, and this has a second key `{second.name}`",
        second.key.span,
        help=f"indent `{second.name}` deeper than `{first.name}`, so that it is its argument"
        if empty
        else f"write its arguments inside: `{first.name}: {{{second.name}: …}}`",
        fix=nested(first.key.span, keys)
        if empty and second.value.span.end > second.value.span.start
        else None,
    )


def unknown_name(
    what: str,
    name: str,
    span: Span,
    known: Collection[str],
    rule: str = "unknown-names",
    *,
    takes: str = "",
    classes: Map[str, type[Strict]] | None = None,
) -> Problem:
    """The problem of a name that nothing is known by, with the nearest that is.

    Args:
        what: What is named, in words for a message.
        name: The name.
        span: Its place.
        known: The names that there are.
        rule: The rule that it breaks.
        takes: What its key takes, in words, where that is more than a name.
        classes: What the names stand for, where that is known.
    """
    call = re.fullmatch(_CALL, name)
    if call is not None:
        return _python_call(what, call, span, known, rule, classes or {})
    if name.startswith("${") and span.text.strip("'\"") == name:
        advice = "a variable stands for a value: write the name itself"
        return Problem(rule, f"`{name}` is not the name of {_a(what)}", span, help=advice)
    bare = re.fullmatch(_WITHOUT_COLON, name)
    if bare is not None and bare[1] in known:
        return _without_colon(what, bare[1], span, rule)
    meant = other_name(name, known)
    near = meant or nearest(name, known)
    message = f"unknown {what} `{name}`"
    if (what, name.lower()) in _ANYHOW:
        return Problem(rule, message, span, help=_ANYHOW[what, name.lower()])
    if meant is not None:
        advice = f"it is called `{near}` here"
    elif near is not None:
        advice = f"there is {_a(what)} with a similar name: `{near}`"
    elif len(known) > _MANY:
        advice = f"`lipbuild schema` lists every {what} that there is"
    else:
        advice = f"known are {', '.join(f'`{other}`' for other in known)}"
    if near is None and takes:
        message = f"this takes {takes}, and `{name}` is neither"
    return Problem(rule, message, span, help=advice, fix=renamed(name, span, near))


def _without_colon(what: str, name: str, span: Span, rule: str) -> Problem:
    """`SpectralDense {units: 10}`."""
    at = span.start + len(name)
    fix = None
    if span.text.startswith(name):
        fix = Fix(f"write `{name}:`", (Edit(Span(span.source, at, at), ":"),))
        span = Span(span.source, span.start, at)
    return Problem(
        rule,
        f"there is no `:` between the {what} `{name}` and its arguments",
        span,
        help=f"write `{name}: {{…}}`",
        fix=fix,
    )


def renamed(name: str, origin: Origin, near: str | None) -> Fix | None:
    """The nearest name in a name's place, where the text holds the name itself (and no variable or alias)."""
    if near is None or not isinstance(origin, Span) or origin.text not in (name, f"'{name}'", f'"{name}"'):
        return None
    return Fix(f"replace `{name}` by `{near}`", (Edit(origin, near),), Applicability.UNSAFE)


def _python_call(
    what: str,
    call: re.Match[str],
    span: Span,
    known: Collection[str],
    rule: str,
    classes: Map[str, type[Strict]],
) -> Problem:
    """`SpectralDense(units=10)` as YAML."""
    name = call[2]
    near = name if name in known else nearest(name, known)
    in_order, given = _arguments(call[3]) or ([""], {})
    cls = classes.get(near or "")
    needed = (
        [key for key, field in cls.model_fields.items() if field.is_required()] if cls is not None else []
    )
    if not given and len(in_order) == len(needed) == 1 and in_order[0]:
        in_order, given = [], {needed[0]: in_order[0]}
    written = None
    if not in_order and near is not None:
        written = f"{near}: {{{', '.join(f'{k}: {v}' for k, v in given.items())}}}" if given else near
    fix = None
    if written is not None and span.text == call.group():
        text = f"{{{written}}}" if ":" in written and not _begins_an_item(span) else written
        fix = Fix(f"write `{written}`", (Edit(span, text),), Applicability.UNSAFE)
    return Problem(
        rule,
        f"{_a(what)} is written in YAML, and this is a call in Python",
        span,
        help=f"write it as `{written}`" if written else "write its arguments as `Name: {key: value}`",
        fix=fix,
    )


def arguments_of_call(text: str) -> tuple[str, list[str], dict[str, str]] | None:
    """A call in Python as its name, its arguments in order and those by name, in YAML; None of anything else.

    Args:
        text: As `nn.Linear(64, out_features=10)`.
    """
    call = re.fullmatch(_CALL, text)
    given = _arguments(call[3]) if call is not None else None
    return (call[1] + call[2], *given) if call is not None and given is not None else None


def _arguments(text: str) -> tuple[list[str], dict[str, str]] | None:
    """The arguments of a call in YAML, in order and by name; None where they are not all plain."""
    in_order: list[str] = []
    by_name: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = re.compile(_ARGUMENT).match(text, position)
        if match is None:
            return None
        value = match[2].strip()
        value = {"True": "true", "False": "false", "None": "null"}.get(value, value)
        value = f"[{value[1:-1].rstrip(', ')}]" if value.startswith("(") else value
        if match[1]:
            by_name[match[1]] = value
        elif by_name or not value:
            return None
        else:
            in_order.append(value)
        position = match.end()
        if position < len(text) and text[position] != ",":
            return None
        position += 1
    return in_order, by_name


def _flow(node: TextNode) -> str:
    """A node on one line."""
    if isinstance(node, Mapping):
        return f"{{{', '.join(f'{e.name}: {_flow(e.value)}' for e in node)}}}"
    if isinstance(node, Sequence):
        return f"[{', '.join(map(_flow, node.items))}]"
    return node.span.text


def _whole(node: Mapping, written: str) -> Fix | None:
    """Another text for a whole mapping, where it holds no comment and comes from one place."""
    text = node.span.text
    inside = all(e.key.span.source is node.span.source and e.key.span.text == e.name for e in node)
    if not inside or "#" in text or "*" in text or "&" in text:
        return None
    # In a list on one line a name with arguments stands in braces of its own, as before.
    flow = text.startswith("{") and ":" in written and not _begins_an_item(node.span)
    return Fix(f"write `{written}`", (Edit(node.span, f"{{{written}}}" if flow else written),))


def _begins_an_item(span: Span) -> bool:
    """Whether only the `-` of a list stands before it on its line."""
    line, _ = span.source.position(span.start)
    return not span.source.text[span.source.line_start(line) : span.start].strip(" -")


def _names_it(entry: Entry, known: Collection[str]) -> bool:
    """Whether an entry is the name of what its neighbours are arguments of, as `type: SpectralDense`."""
    if entry.name in known or not isinstance(entry.value, Scalar) or not isinstance(entry.value.value, str):
        return False
    # A `name` may be the name of the layer itself.
    return entry.name in _NAME_KEYS or (entry.name == "name" and entry.value.value in known)


def _dash(span: Span) -> Span:
    """The `-` of an empty item."""
    start = span.source.text.rfind("-", 0, span.start + 1)
    return Span(span.source, start, start + 1) if start >= 0 else span


def _a(what: str) -> str:
    return f"an {what}" if what[0] in "aeiou" else f"a {what}"
