from __future__ import annotations

from lipbuild.rules.check import Checked
from lipbuild.source.span import Span
from lipbuild.spec.bound_text import bound_text
from lipbuild.spec.graph import GraphNode
from lipbuild.spec.layers import LAYERS
from lipbuild.spec.shapes import format_shape
from lipbuild.spec.stack import BLOCKS, BlockUse, LayerUse, Stack


def hover_text(checked: Checked, offset: int) -> tuple[str, Span] | None:
    """What to say, in Markdown, of the layer or the argument at an offset, and where it stands; None of the rest.

    Of a layer: what it computes, its arguments, and in this network its shape and its constants. Of an argument:
    its meaning.
    """
    if checked.config is None:
        return None
    use = _use_at(checked.config.stack, checked, offset)
    if use is None:
        return None
    cls = {**LAYERS, **BLOCKS}.get(use.kind)
    if cls is None:
        return None
    for name, value in use.fields.items():
        if value.start <= offset <= value.end and value.source is checked.source:
            description = cls.model_fields[name].description if name in cls.model_fields else None
            return (f"**{name}**: {description}", value) if description else None
    if not use.span.start <= offset <= use.span.end:
        return None
    lines = [f"**{use.kind}**: {(cls.__doc__ or '').strip()}", ""]
    for name, field in cls.model_fields.items():
        default = (
            "required" if field.is_required() else f"default `{field.get_default(call_default_factory=True)}`"
        )
        lines.append(f"- `{name}` ({default}): {field.description or ''}")
    nodes = checked.graph.nodes if checked.graph is not None else ()
    here = [
        node for node in nodes if node.span.source is use.span.source and node.span.start == use.span.start
    ]
    if here:
        lines += ["", "In this network:", "", *(_of(node) for node in here[:5])]
    return "\n".join(lines), use.span


def _of(node: GraphNode) -> str:
    own = f"Lipschitz constant {bound_text(node.gain)}, " if node.gain is not None else ""
    return (
        f"- `{node.name}`: output {format_shape(node.shape)}, {node.parameters:,} parameters, "
        f"{own}network up to here at most {bound_text(node.bound)}"
    )


def _use_at(stack: Stack, checked: Checked, offset: int) -> LayerUse | BlockUse | None:
    for use in stack:
        if use.span.source is not checked.source:
            continue
        if isinstance(use, LayerUse):
            if use.whole.start <= offset <= use.whole.end:
                return use
            continue
        inner = next((found for part in use.stacks if (found := _use_at(part, checked, offset))), None)
        if inner is not None:
            return inner
        if use.merge is not None and use.merge.whole.start <= offset <= use.merge.whole.end:
            return use.merge
        if use.span.start <= offset <= use.span.end:
            return use
    return None
