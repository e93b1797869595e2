"""From the layers of a config to the graph: blocks unfolded, names resolved, shapes inferred."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, cast

from lipbuild.config.config import Config
from lipbuild.config.names import renamed
from lipbuild.config.stack import BlockUse, LayerUse, Stack
from lipbuild.frozen import dataclass
from lipbuild.network.graph_node import INPUT, GraphNode
from lipbuild.network.rounding import float32_down
from lipbuild.network.shapes import Shape, ShapeError, format_shape
from lipbuild.network.specs import LAYERS, LayerSpec
from lipbuild.text.origin import Origin
from lipbuild.text.problem import Problem, Related
from lipbuild.text.span import Span
from lipbuild.text.suggest import nearest

# Only a config that names them loads these classes.
if TYPE_CHECKING:
    from lipbuild.config.blocks.repeat import Repeat
    from lipbuild.config.blocks.residual import Residual
    from lipbuild.network.specs.shaping import Input

Report = Callable[[Problem], None]

# Repeats of repeats multiply; no network has as many layers.
MAX_LAYERS = 10_000

# So many names fit a message.
_FEW = 12


@dataclass(frozen=True)
class Expanded:
    """A network before its constants are known: nodes with shapes, and the names of the outputs.

    `complete` is false where some node could not be made; then there is no network. `preprocessing` stands before
    the nodes, and `target_scale`, where there is one, reads the one output. `made` has every node that could be made,
    whether an output needs it or not.
    """

    input_shape: Shape
    nodes: tuple[GraphNode, ...]
    outputs: tuple[str, ...]
    complete: bool
    preprocessing: tuple[GraphNode, ...] = ()
    target_scale: GraphNode | None = None
    made: tuple[GraphNode, ...] = ()


def expand(config: Config, input_shape: Shape | None, report: Report) -> Expanded:
    """The nodes of a config's network.

    Args:
        config: The config.
        input_shape: The shape of one sample as the data or `model.input` has it, if known.
        report: Takes the problems.
    """
    expander = _Expander(report)
    stack = config.stack
    if stack and isinstance(stack[0], LayerUse) and stack[0].kind == "Input" and stack[0].spec is not None:
        first = stack[0]
        declared = tuple(cast("Input", first.spec).shape)
        if input_shape is not None and not _compatible(declared, input_shape):
            report(
                Problem(
                    "shape-mismatches",
                    f"the input is declared as {format_shape(declared)}, and elsewhere it is "
                    f"{format_shape(input_shape)}",
                    first.place("shape"),
                )
            )
        input_shape = declared
        stack = stack[1:]
    oversized = _oversized(stack)
    if oversized is not None:
        report(
            Problem(
                "oversized-expansion",
                f"the network has more than {MAX_LAYERS:,} layers once its repeats are written out",
                oversized.origin,
            )
        )
        return Expanded(input_shape or (), (), (), False)
    if input_shape is None:
        expander.complete = False
    expander.values[INPUT] = input_shape
    expander.reserve(stack)
    start = expander.preprocessing(config)
    steps = tuple(expander.nodes)
    # To the layers of the config `input` is what the preprocessing makes.
    last = expander.stack(stack, start, {INPUT: start} if start != INPUT else {})
    outputs = expander.monotone(config, start, expander.outputs(config, last))
    nodes = tuple(node for node in expander.reachable(outputs) if node not in steps)
    scale = expander.target_scale(config, outputs)
    return Expanded(input_shape or (), nodes, outputs, expander.complete, steps, scale, tuple(expander.nodes))


def _oversized(stack: Stack) -> BlockUse | None:
    """The first block with which a stack has too many layers."""
    total = 0
    for use in stack:
        total += _count(use)
        if total > MAX_LAYERS:
            return use if isinstance(use, BlockUse) else None
    return None


def _count(use: LayerUse | BlockUse) -> int:
    if isinstance(use, LayerUse):
        return 1
    inner = sum(_count(part) for stack in use.stacks for part in stack)
    return inner * cast("Repeat", use.spec).times if use.kind == "Repeat" else inner + 3


def _compatible(a: Shape, b: Shape) -> bool:
    return len(a) == len(b) and all(x is None or y is None or x == y for x, y in zip(a, b))


Names = dict[str, str]


@dataclasses.dataclass
class _Expander:
    report_to: Report
    nodes: list[GraphNode] = field(default_factory=list)
    # The shape of each value made so far; None where it is unknown because of an earlier problem.
    values: dict[str, Shape | None] = field(default_factory=dict)
    # The names that the config gives, and where.
    given: dict[str, Origin] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    reported: set[tuple[str, Origin]] = field(default_factory=set)
    complete: bool = True

    def report(self, problem: Problem) -> None:
        """Report a problem once, though a `Repeat` meets it many times."""
        self.complete = False
        key = (problem.message, problem.origin)
        if key not in self.reported:
            self.reported.add(key)
            self.report_to(problem)

    def reserve(self, stack: Stack) -> None:
        """Keep the names that the config gives from being made up for a layer without one."""
        for use in stack:
            if use.spec is not None and use.spec.name is not None:
                self.given.setdefault(use.spec.name, use.fields.get("name", use.origin))
            if isinstance(use, BlockUse):
                for inner in use.stacks:
                    self.reserve(inner)

    def stack(self, stack: Stack, source: str, names: Names, suffix: str = "") -> str:
        """Unfold layers in a row; the name of what the last one makes.

        `names` maps the names that the config uses to those of the nodes, which differ inside a `Repeat`.
        """
        current = source
        for use in stack:
            if isinstance(use, LayerUse):
                current = self.layer(use, current, names, suffix)
            else:
                current = self.block(use, current, names, suffix)
        return current

    def preprocessing(self, config: Config) -> str:
        """Unfold the steps of the preprocessing; the name of what the last one makes."""
        current = INPUT
        for index, step in enumerate(config.data.preprocess if config.data is not None else []):
            path = f"data.preprocess[{index}]"
            shape = self.values.get(current)
            name = self.name(None, step.kind, config.place(path), {}, "")
            if shape is None:
                self.complete = False
                continue
            try:
                layers = step.unfold(shape)
            except ShapeError as error:
                place = config.place(f"{path}.{step.kind}.{error.field}" if error.field else path)
                self.report(Problem(error.rule, error.message, place, help=error.help))
                continue
            for number, spec in enumerate(layers, 1):
                part = name if number == len(layers) else f"{name}_{number}"
                self.add(part, spec, (current,), config.place(path))
                current = part
        return current

    def monotone(self, config: Config, start: str, outputs: tuple[str, ...]) -> tuple[str, ...]:
        """Add what makes the output rise or fall with some columns; the name of the sum, or what there was."""
        wanted = config.model.monotone if config.model is not None else None
        if not wanted or not self.complete or not outputs:
            return outputs
        from lipbuild.config.monotone import MonotoneSlopes
        from lipbuild.network.specs.merging import Add

        place = config.place("model.monotone")
        shape = self.values[outputs[0]]
        if len(outputs) > 1 or shape != (1,):
            many = (
                f"{len(outputs)} output layers"
                if len(outputs) > 1
                else f"an output of {format_shape(shape or ())}"
            )
            message = f"`monotone` is for a network of one number, and this has {many}"
            self.report(
                Problem("shape-mismatches", message, place, help="train a network for each, or leave it out")
            )
            return outputs
        columns = (
            config.data.source.input_columns() if config.data is not None and config.data.has_source else None
        )
        if columns is None or self.values[start] != (len(columns),):
            message = "`monotone` names columns, and where each of them is in the input is not known"
            advice = "give the table's `features`, and the values of each column of text in `categories`"
            self.report(Problem("missing-keys", message, place, help=advice))
            return outputs
        numbers = [
            column.name if column.category is None and column.indicates is None else "" for column in columns
        ]
        for name in wanted:
            if name not in numbers:
                near = nearest(name, [other for other in numbers if other])
                span = config.keys.get(f"model.monotone.{name}", place)
                message = f"`model.monotone` is about numbers that the network takes, and `{name}` is not one"
                advice = f"there is one with a similar name: `{near}`" if near else "leave it out"
                self.report(Problem("unknown-columns", message, span, help=advice))
        signs = tuple({"increasing": 1, "decreasing": -1}.get(wanted.get(name, ""), 0) for name in numbers)
        # A step of the preprocessing may turn a column round.
        for node in self.nodes[: self._place(start) + 1]:
            factors = getattr(node.spec, "factors", (1.0,))
            signs = tuple(-s if factors[i % len(factors)] < 0 else s for i, s in enumerate(signs))
        slopes, total = (self.name(None, kind, place, {}, "") for kind in ("MonotoneSlopes", "MonotoneSum"))
        self.add(slopes, MonotoneSlopes(signs=signs, slopes_of=outputs[0]), (start,), place)
        self.add(total, Add(), (outputs[0], slopes), place)
        return (total,)

    def _place(self, name: str) -> int:
        """The place of a node in the order of all; −1 of the input."""
        return next((place for place, node in enumerate(self.nodes) if node.name == name), -1)

    def target_scale(self, config: Config, outputs: tuple[str, ...]) -> GraphNode | None:
        """What brings the outputs to the units of the targets; None where they are in them."""
        scale = config.data.target_scale if config.data is not None else None
        if scale is None or not self.complete:
            return None
        from lipbuild.config.target_layer import target_layer

        place = config.place("data.target_scale")
        if len(outputs) > 1:
            message = f"`target_scale` is for a network of one output layer, and this has {len(outputs)}"
            self.report(Problem("shape-mismatches", message, place, help="merge them, or leave it out"))
            return None
        name = self.name(None, "TargetScale", place, {}, "")
        try:
            spec = target_layer(scale, self.values[outputs[0]] or ())
        except ShapeError as error:
            self.report(Problem(error.rule, error.message, place, help=error.help))
            return None
        self.add(name, spec, outputs, place)
        return self.nodes[-1]

    def layer(
        self, use: LayerUse, current: str, names: Names, suffix: str, inputs: tuple[str, ...] | None = None
    ) -> str:
        spec = use.spec
        if inputs is None:
            inputs = self.inputs(spec.inputs if spec else None, current, use, names)
        name = self.name(spec.name if spec else None, use.kind, use.place("name"), names, suffix)
        if spec is None:
            self.complete = False
            self.values[name] = None
            return name
        if use.kind == "Input":
            self.report(
                Problem(
                    "shape-mismatches",
                    "`Input` stands only at the head of the stack",
                    use.origin,
                    help="a network has one input; `inputs: [input]` reads it from anywhere",
                )
            )
        elif not spec.merges and len(inputs) > 1:
            merges = ", ".join(f"`{kind}`" for kind, cls in LAYERS.items() if cls.merges)
            self.report(
                Problem(
                    "shape-mismatches",
                    f"`{use.kind}` reads one input, and this one names {len(inputs)}",
                    use.place("inputs"),
                    help=f"merge them first, with one of {merges}",
                )
            )
            inputs = ()
        self.add(name, spec, inputs, use.origin, use)
        return name

    def add(
        self, name: str, spec: LayerSpec, inputs: tuple[str, ...], origin: Origin, use: LayerUse | None = None
    ) -> None:
        """Add a node, its shape inferred; a problem where it cannot take its inputs."""
        shapes = [self.values.get(i) for i in inputs]
        known = [shape for shape in shapes if shape is not None]
        if not inputs or len(known) < len(shapes):
            self.complete = False
            self.values[name] = None
            return
        try:
            shape = spec.merged_shape(known)
            parameters = spec.parameters(known[0])
        except ShapeError as error:
            place = use.place(error.field) if use is not None else origin
            related = self.makers(inputs, use)
            self.report(
                Problem(
                    error.rule,
                    error.message,
                    place,
                    related=related,
                    notes=_about_batch(self.values.get(INPUT)),
                    help=error.help,
                )
            )
            self.values[name] = None
            return
        self.values[name] = shape
        self.nodes.append(GraphNode(name, spec, inputs, tuple(known), shape, parameters, None, 0.0, origin))

    def makers(self, inputs: tuple[str, ...], use: LayerUse | None) -> tuple[Related, ...]:
        """The layers that make what a layer reads, each with the shape of that."""
        origins = {node.name: node.origin for node in self.nodes}
        found: dict[Origin, str] = {}
        for name in inputs:
            shape = self.values.get(name)
            if name in origins and shape is not None and (use is None or origins[name] != use.origin):
                found.setdefault(origins[name], f"makes {format_shape(shape)}")
        return tuple(Related(origin, label) for origin, label in found.items())

    def block(self, use: BlockUse, current: str, names: Names, suffix: str) -> str:
        source = self.inputs(use.spec.inputs, current, use, names)
        start = source[0] if source else current
        if use.kind == "Repeat":
            return self.repeat(use, cast("Repeat", use.spec), start, names, suffix)
        outside = names
        # What stands inside a block cannot read what the block makes.
        names = dict(names)
        name = self.name(use.spec.name, use.kind, use.fields.get("name", use.origin), outside, suffix)
        if use.kind == "Residual":
            self.residual(use, cast("Residual", use.spec), name, start, names, suffix)
        else:
            ends = tuple(self.stack(branch, start, names, suffix) for branch in use.stacks)
            if use.merge is not None and use.merge.spec is not None:
                self.add(name, use.merge.spec, ends, use.merge.origin, use.merge)
            else:
                self.complete = False
                self.values[name] = None
        outside.update(names)
        return name

    def repeat(self, use: BlockUse, spec: Repeat, start: str, names: Names, suffix: str) -> str:
        current = start
        for index in range(1, spec.times + 1):
            inner = dict(names)
            current = self.stack(use.stacks[0], current, inner, f"{suffix}_{index}")
        if spec.name is not None:
            self.take(spec.name, use.fields.get("name", use.origin))
            names[spec.name] = current
        return current

    def residual(
        self, use: BlockUse, spec: Residual, name: str, start: str, names: Names, suffix: str
    ) -> None:
        end = self.stack(use.stacks[0], start, names, suffix)
        before, after = self.values.get(start), self.values.get(end)
        ends = tuple(name for name in (start, end) if name != INPUT)
        if before is not None and after is not None and before != after:
            self.report(
                Problem(
                    "shape-mismatches",
                    f"a `Residual` adds its input to its output, and these have {format_shape(before)} and "
                    f"{format_shape(after)}",
                    use.origin,
                    related=self.makers(ends, None),
                    help="end its layers in the shape that they start from",
                )
            )
            self.values[name] = None
            return
        from lipbuild.network.specs.merging import Add
        from lipbuild.network.specs.scaling import Rescaling

        # Both factors are float32 numbers whose sum is at most 1, so the constant is at most 1 as well.
        alpha = float32_down(spec.alpha)
        self.add(f"{name}_skip", Rescaling(scale=alpha), (start,), use.origin)
        self.add(f"{name}_branch", Rescaling(scale=float32_down(1.0 - alpha)), (end,), use.origin)
        self.add(name, Add(), (f"{name}_skip", f"{name}_branch"), use.origin)

    def name(self, given: str | None, kind: str, origin: Origin, names: Names, suffix: str) -> str:
        """The node's name: the config's, with the turn of its `Repeat`, or one made from its kind."""
        if given is not None:
            name = f"{given}{suffix}"
            self.take(name, origin)
            names[given] = name
            self.values.setdefault(name, None)
            return name
        base = snake(kind)
        while True:
            self.counters[base] = self.counters.get(base, 0) + 1
            name = f"{base}_{self.counters[base]}"
            if name not in self.given and name not in self.values:
                self.values[name] = None
                return name

    def take(self, name: str, origin: Origin) -> None:
        """Give a name of the config to what stands at `origin`; a problem where it is not free."""
        if name == INPUT:
            message = "the name `input` is the network's input"
            self.report(Problem("duplicate-names", message, origin, help="choose another name"))
        elif name in self.origins:
            self.report(
                Problem(
                    "duplicate-names",
                    f"two layers are called `{name}`",
                    origin,
                    label="used again",
                    related=(Related(self.origins[name], "first used here"),),
                    help="rename one of them",
                )
            )
        else:
            self.origins[name] = origin

    def inputs(
        self, given: Sequence[str] | None, current: str, use: LayerUse | BlockUse, names: Names
    ) -> tuple[str, ...]:
        """The names of the nodes that a layer reads; empty where one of them is unknown."""
        if given is None:
            return (current,)
        found: list[str] = []
        for name in given:
            actual = names.get(name, name)
            if actual == INPUT or (actual in self.values and name not in self.given) or name in names:
                found.append(actual)
                continue
            place = self.item_place(use, name)
            if f"{name}_1" in self.values:
                self.report(
                    Problem(
                        "unknown-inputs",
                        f"`{name}` stands inside a `Repeat`, so there are several of it",
                        place,
                        help="give the `Repeat` a name and read that: it is the result of its last repetition",
                    )
                )
            elif name in self.given and self.given[name] == use.fields.get("name"):
                message = f"`{name}` reads itself"
                self.report(
                    Problem("cyclic-graphs", message, place, help="name a layer above it, or `input`")
                )
            elif name in self.given:
                self.report(
                    Problem(
                        "cyclic-graphs",
                        f"`{name}` is not made yet: a layer reads what stands above it",
                        place,
                        related=(Related(self.given[name], "made only here"),),
                        help="move its inputs above it",
                    )
                )
            else:
                self.report(_unknown_input(name, place, list(dict.fromkeys([INPUT, *names]))))
        # One that is unknown makes the layer's shape unknown.
        return tuple(found) if len(found) == len(given) else ()

    def item_place(self, use: LayerUse | BlockUse, name: str) -> Origin:
        place = use.fields.get("inputs", use.origin)
        return place.word(name) if isinstance(place, Span) else place

    def outputs(self, config: Config, last: str) -> tuple[str, ...]:
        given = config.model.outputs if config.model is not None else None
        if given is None and last == INPUT and self.complete:
            place = config.keys.get("model.layers", config.place("model.layers"))
            self.report(
                Problem("out-of-range-values", "the network has no layer that computes anything", place)
            )
            return ()
        if given is None:
            return (last,)
        place = config.place("model.outputs")
        found = []
        for name in given:
            actual = name
            if actual not in self.values or actual == INPUT:
                candidates = [*self.given, *(n for n in self.values if n != INPUT and n not in self.given)]
                self.report(_unknown_input(name, place.word(name), candidates))
                continue
            found.append(actual)
        return tuple(dict.fromkeys(found))

    def reachable(self, outputs: tuple[str, ...]) -> tuple[GraphNode, ...]:
        """The nodes that an output needs; a problem for each end that leads nowhere."""
        by_name = {node.name: node for node in self.nodes}
        needed: set[str] = set()
        waiting = list(outputs)
        while waiting:
            name = waiting.pop()
            if name in by_name and name not in needed:
                needed.add(name)
                waiting += by_name[name].inputs
        if self.complete:
            read = {source for node in self.nodes for source in node.inputs}
            for node in self.nodes:
                if node.name not in needed and node.name not in read:
                    self.report_to(
                        Problem(
                            "unused-layers",
                            f"nothing reads `{node.name}`, and it is not an output",
                            node.origin,
                            help="remove it, or name it in `inputs` of another layer or in `model.outputs`",
                        )
                    )
        return tuple(node for node in self.nodes if node.name in needed)


def _about_batch(shape: Shape | None) -> tuple[str, ...]:
    """What to say where somebody may have written the batch's dimension into the input's shape."""
    if shape is None or len(shape) not in (2, 4) or shape[0] is not None:
        return ()
    rest = ", ".join("null" if size is None else str(size) for size in shape[1:])
    return (f"an input's shape has no dimension for the batch: is it `[{rest}]`?",)


def _unknown_input(name: str, origin: Origin, known: Sequence[str]) -> Problem:
    near = nearest(name, known)
    few = ", ".join(f"`{other}`" for other in known[:_FEW])
    advice = f"there is one with a similar name: `{near}`" if near else f"named are {few}"
    if near is None and len(known) > _FEW:
        advice += " and others"
    message = f"no layer is called `{name}`"
    return Problem("unknown-inputs", message, origin, help=advice, fix=renamed(name, origin, near))


def snake(kind: str) -> str:
    """`SpectralConv2D` as `spectral_conv2d`."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])", "_", kind.replace("ReLU", "Relu"))
    return text.lower()
