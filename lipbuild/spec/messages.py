"""What pydantic found, in the words of a config."""

from __future__ import annotations

from typing import Any

from lipbuild.source.edit import Edit
from lipbuild.source.fix import Fix
from lipbuild.source.nodes import Node, Scalar, kind
from lipbuild.source.scalars import resolve

_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "none_required": "nothing",
}

_COMPARISON = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def explain(error: Any, name: str, node: Node) -> tuple[str, str, str]:
    """A pydantic error as (rule, message, help).

    Args:
        error: One item of `ValidationError.errors()`.
        name: The key that it is about.
        node: The node that it is about.
    """
    code = error["type"]
    context = error.get("ctx", {})
    if code in _WANTED:
        found = kind(node)
        if isinstance(node, Scalar) and type(node.value) in (int, float):
            if code == "float_type":
                return "out-of-range-values", f"`{name}` is greater than any number here may be", ""
            found = f"`{shown(node)}`"
        return "wrong-types", f"`{name}` takes {_WANTED[code]}, and this is {found}", _type_help(code, node)
    if code in _COMPARISON:
        key, words = _COMPARISON[code]
        return (
            "out-of-range-values",
            f"`{name}` must be {words} {_number(context[key])}, and this is {shown(node)}",
            "",
        )
    if code == "finite_number":
        return "out-of-range-values", f"`{name}` must be a finite number", ""
    if code == "literal_error":
        return (
            "out-of-range-values",
            f"`{name}` is one of {context['expected'].replace(' or ', ', ')}, and this is `{shown(node)}`",
            "",
        )
    if code == "too_short":
        return "out-of-range-values", f"`{name}` needs at least {_items(context['min_length'])}", ""
    if code == "too_long":
        return "out-of-range-values", f"`{name}` takes at most {_items(context['max_length'])}", ""
    if code == "string_pattern_mismatch":
        return (
            "out-of-range-values",
            f"`{shown(node)}` cannot be used as `{name}`",
            "letters, digits, `_`, `-` and `.` may be used, a letter or digit first",
        )
    if code == "value_error":
        return "out-of-range-values", str(context["error"]), ""
    return "wrong-types", f"`{name}` cannot be read: {str(error['msg']).lower()}", ""


def shown(node: Node) -> str:
    """A value as the config writes it, its first line and no more than fits a message."""
    text = node.span.text.split("\n", 1)[0].rstrip("\r")
    return text if len(text) <= 40 and text == node.span.text else f"{text[:40]}…"


def _number(limit: float) -> str:
    """A limit as one would write it: 1,000,000 and not 1e+06."""
    return f"{limit:,}" if isinstance(limit, int) or (limit == int(limit) and limit >= 1e4) else f"{limit:g}"


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _type_help(code: str, node: Node) -> str:
    if isinstance(node, Scalar) and node.quoted and code in ("int_type", "float_type", "bool_type"):
        return "without its quotation marks it would be one" if _unquoted_fits(node) else ""
    if code in ("list_type", "tuple_type") and isinstance(node, Scalar):
        return f"write it as `[{shown(node)}]`"
    return ""


def number_fix(code: str, node: Node) -> Fix | None:
    """A number written so that it is of the type that its key takes: out of its quotation marks, or whole."""
    if not isinstance(node, Scalar) or code not in ("int_type", "int_from_float", "float_type"):
        return None
    value = node.value
    if isinstance(value, str) and node.span.text in (f"'{value}'", f'"{value}"'):
        value = resolve(value)
        text = node.span.text[1:-1]
    else:
        text = node.span.text
    if isinstance(value, float) and code != "float_type":
        if not value.is_integer() or abs(value) >= 1e15:
            return None
        text = str(int(value))
    if not isinstance(value, (int, float)) or isinstance(value, bool) or text == node.span.text:
        return None
    return Fix(f"write `{text}`", (Edit(node.span, text),))


def _unquoted_fits(node: Scalar) -> bool:
    value = resolve(str(node.value))
    return isinstance(value, (bool, int, float))
