"""What is wrong with a value, in the words of a config."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from lipbuild.config.hints import other_name
from lipbuild.config.invalid import Invalid
from lipbuild.config.names import renamed
from lipbuild.config.rewrite import Accepts, rewrite
from lipbuild.fields.misfit import MISFIT
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.nodes import Scalar, TextNode, kind, plain
from lipbuild.text.suggest import nearest

_VARIABLE = r"\$\(?[A-Za-z_][\w.]*\)?|\{\{?\s*[A-Za-z_][\w.]*\s*\}?\}"
_REFERENCE = r"\$\{[^{}]*\}|\*[^\s,\[\]{}]+"
# So many choices are too many for a message.
_MANY = 12


class Explained(NamedTuple):
    """What a problem says of a value."""

    rule: str
    message: str
    help: str = ""
    fix: Fix | None = None


def explain(error: Invalid, name: str, node: TextNode, accepts: Accepts) -> Explained:
    """An error in words.

    Args:
        error: The error.
        name: The key that it is about.
        node: The node that it is about.
        accepts: Whether another value in the node's place would be right.
    """
    other = rewrite(node, accepts)
    fix, why = other if other is not None else (None, "")
    advice = f"{fix.message}: {why}" if fix is not None else ""
    if error.code == "type":
        if fix is None and isinstance(node, Scalar) and re.fullmatch(_VARIABLE, str(node.value)):
            advice = "a variable is written as `${path.of.key}`, like `${variables.width}`"
        return Explained("wrong-types", _wrong_type(error, name, node), advice, fix)
    if error.code == "range":
        message = f"`{name}` {error.message}, and this is {shown(node)}{_source(node)}"
        return Explained("out-of-range-values", message, advice, fix)
    if error.code == "choice":
        return _choice(error, name, node)
    if error.code == "pattern":
        allowed = re.sub(r"[^A-Za-z0-9_.-]+", "_", str(plain(node))).strip("_.-")
        usable = accepts(allowed) and node.span.text.strip("'\"") == str(plain(node))
        return Explained(
            "out-of-range-values",
            f"`{shown(node)}` cannot be used as `{name}`",
            "letters, digits, `_`, `-` and `.` may be used, a letter or digit first",
            Fix(f"write `{allowed}`", (Edit(node.span, allowed),), Applicability.UNSAFE) if usable else None,
        )
    if error.code in ("value", MISFIT):
        message = re.sub(r"^it is ", f"`{name}` is ", error.message)
        return Explained("out-of-range-values", message, error.details.get("help", ""))
    return Explained("out-of-range-values", f"`{name}` {error.message}")


def _wrong_type(error: Invalid, name: str, node: TextNode) -> str:
    if isinstance(node, Scalar) and node.value is None:
        return f"`{name}` takes {error.details['wanted']}, and it is left empty"
    found = kind(node)
    if isinstance(node, Scalar) and type(node.value) in (int, float):
        found = f"`{shown(node)}`"
    elif isinstance(node, Scalar):
        found = f"the {'truth value' if isinstance(node.value, bool) else 'text'} `{shown(node)}`"
    return f"`{name}` takes {error.details['wanted']}, and this is {found}{_source(node)}"


def _choice(error: Invalid, name: str, node: TextNode) -> Explained:
    details: dict[str, Any] = dict(error.details)
    names, what = details["names"], details["what"]
    text = str(node.value) if isinstance(node, Scalar) else ""
    meant = other_name(text, names)
    near = meant or nearest(text, names)
    fix = renamed(text, node.span, near)
    if what:
        from lipbuild.network.specs import LAYERS

        message = f"unknown {what} `{shown(node)}`"
        layer = nearest(text, LAYERS)
        if layer is not None and (layer == text or near is None):
            return Explained("out-of-range-values", message, f"`{layer}` is a layer: put it after this one")
    else:
        message = f"`{shown(node)}` is not a choice for `{name}`"
    if meant is not None:
        advice = f"it is called `{near}` here"
    elif near is not None:
        advice = f"there is one with a similar name: `{near}`"
    elif len(names) > _MANY:
        advice = ""
    else:
        advice = f"it is one of {', '.join(f'`{other}`' for other in names)}"
    return Explained("out-of-range-values", message, advice, fix)


def shown(node: TextNode) -> str:
    """A value as the config writes it, its first line and no more than fits a message."""
    whole = node.span.text
    if isinstance(node, Scalar) and _source(node):
        whole = str(node.value).lower() if isinstance(node.value, bool) else str(node.value)
    text = whole.split("\n", 1)[0].rstrip("\r")
    return text if len(text) <= 40 and text == whole else f"{text[:40]}…"


def _source(node: TextNode) -> str:
    """Where a value comes from that does not stand where it is used: a variable, or an alias."""
    written = node.span.text.strip("'\"")
    brought = re.fullmatch(_REFERENCE, written) and not (isinstance(node, Scalar) and node.value == written)
    return f", from `{written}`" if brought else ""
