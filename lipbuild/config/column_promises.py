"""What a network's layers promise of single columns of a table, before anything is trained."""

from __future__ import annotations

from lipbuild.config.config import Config
from lipbuild.frozen import dataclass
from lipbuild.network.calculus import propagate
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import INPUT
from lipbuild.network.rounding import float32_down, mul_up


@dataclass(frozen=True)
class ColumnPromises:
    """How far an output moves at most where one column moves alone.

    Attributes:
        each: Where it moves by what the preprocessing divides it by: 1 where there is no preprocessing.
        columns: The name of each column of numbers, its unit, and where it moves by one unit; empty where what it is
            divided by is still to be taken from the data.
    """

    each: float
    columns: tuple[tuple[str, str | None, float], ...]


def column_promises(config: Config, graph: Graph) -> ColumnPromises | None:
    """What the layers promise; None of data that is not a table.

    Args:
        config: The config.
        graph: Its graph.
    """
    if config.data is None or not config.data.has_source or len(graph.input_shape) != 1:
        return None
    source = config.data.source
    columns = source.input_columns()
    if columns is None and source.source_name not in ("csv", "parquet"):
        return None
    before = (
        [node.name for node in graph.nodes].index(graph.preprocessed) + 1
        if graph.preprocessed != INPUT
        else 0
    )
    from lipbuild.config.preprocessing.affine import Affine

    [last] = graph.last_layers[:1]
    behind = propagate(graph.nodes[before:], graph.share, {graph.preprocessed: 1.0})
    reached = next(node for node in behind if node.name == last.name)
    each = mul_up(reached.step.each if reached.step is not None else reached.bound, graph.target_gain)
    factors = [1.0] * (graph.input_shape[0] or 0)
    for node in graph.nodes[:before]:
        if isinstance(node.spec, Affine):
            own = node.spec.factors
            factors = [mul_up(f, float32_down(abs(own[i % len(own)]))) for i, f in enumerate(factors)]
        elif not (
            node.spec.is_fitted
            and all(operation.is_even for operation in node.spec.lower(*node.input_shapes))
        ):
            return ColumnPromises(each, ())
        else:
            factors = [mul_up(f, node.gain or 0.0) for f in factors]
    if columns is None or len(columns) != len(factors):
        return ColumnPromises(each, ())
    numbers = [
        (column.name, column.unit, mul_up(each, factor))
        for column, factor in zip(columns, factors)
        if column.category is None and column.indicates is None
    ]
    return ColumnPromises(each, tuple(numbers))
