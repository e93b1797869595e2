from __future__ import annotations

from collections.abc import Iterator

from pydantic.fields import FieldInfo

from lipbuild.cli.editor.grammar import Keys, Steps, field_at, place_at
from lipbuild.cli.editor.varied_keys import SPACE
from lipbuild.fields.strict import Strict
from lipbuild.network.bound_text import bound_text
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.shapes import format_shape
from lipbuild.rules.check import Checked
from lipbuild.text.nodes import Mapping, Scalar, Sequence, TextNode
from lipbuild.text.overrides import spelled_out
from lipbuild.text.parse import parse
from lipbuild.text.path import parse_path
from lipbuild.text.span import Span


def hover_text(checked: Checked, offset: int) -> tuple[str, Span] | None:
    """What to say, in Markdown, of a word at an offset, and where it stands; None where nothing is to be said.

    Of a layer: what it computes, its arguments, and in this network its shape and its constants. Of a loss, an
    optimiser or another name: the same without the network. Of a key, and of its value: its meaning.
    """
    root = parse(checked.source).root
    for span, steps in reversed(list(_words(root, ()))) if root is not None else ():
        if not span.start <= offset <= span.end:
            continue
        field = field_at(steps)
        if field is not None:
            return f"**{steps[-1]}**: {_meaning(field)}", span
        if steps[:-1] == SPACE:
            path = parse_path(str(steps[-1]))
            field = field_at(spelled_out(root, path)) if path is not None else None
            return (f"**{steps[-1]}**: {_meaning(field)}", span) if field is not None else None
        place = place_at(steps)
        if steps and isinstance(place, Keys):
            return _of_name(str(steps[-1]), place.section, checked, span), span
    return None


def _words(node: TextNode, steps: Steps) -> Iterator[tuple[Span, Steps]]:
    """Every key and every value of a tree with the steps that lead to it, values after the keys around them."""
    if isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from _words(item, (*steps, index))
    elif isinstance(node, Mapping):
        for entry in node:
            yield entry.key.span, (*steps, entry.name)
            yield from _words(entry.value, (*steps, entry.name))
    elif isinstance(node, Scalar):
        # A name without arguments stands for itself.
        yield node.span, steps
        if isinstance(node.value, str):
            yield node.span, (*steps, node.value)


def _meaning(field: FieldInfo) -> str:
    return f"{field.description} ({_default(field)})"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    return "optional" if default is None or isinstance(default, Strict) else f"default `{default}`"


def _of_name(name: str, cls: type[Strict], checked: Checked, span: Span) -> str:
    lines = [f"**{name}**: {' '.join((cls.__doc__ or '').split())}", ""]
    lines += [
        f"- `{key}` ({_default(field)}): {field.description}" for key, field in cls.model_fields.items()
    ]
    nodes = checked.graph.nodes if checked.graph is not None else ()
    here = [node for node in nodes if node.origin == span]
    if here:
        lines += ["", "In this network:", "", *(_of_node(node) for node in here[:5])]
    return "\n".join(lines)


def _of_node(node: GraphNode) -> str:
    own = f"Lipschitz constant {bound_text(node.gain)}, " if node.gain is not None else ""
    return (
        f"- `{node.name}`: output {format_shape(node.shape)}, {node.parameters:,} parameters, "
        f"{own}network up to here at most {bound_text(node.bound)}"
    )
