"""How far the outputs move where one column of a table moves alone."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.building.without_preprocessing import without_preprocessing
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.evaluation.column_constant import ColumnConstant
from lipbuild.evaluation.trained import Trained
from lipbuild.network.graph_node import INPUT
from lipbuild.network.rounding import mul_up
from lipbuild.saved.keras_network import keras_network


def column_constants(
    trained: Trained, columns: Sequence[InputColumn], lipschitz: float
) -> tuple[ColumnConstant, ...]:
    """The constants L·|a_i|: the preprocessing multiplies column i by a_i, and L is proved of what follows it.

    From one value of a column of text to another two of its inputs move, by 1 each: L·√(a_i² + a_j²), for the greatest
    two.

    Args:
        trained: The trained network.
        columns: What each of its inputs is.
        lipschitz: Its constant, proved from its weights.

    Returns:
        One for each column, indicators aside; none where the preprocessing mixes columns.
    """
    factors = _factors(trained, len(columns))
    if factors is None:
        return ()
    # The constant with respect to what the preprocessing makes, proved from the weights of the plain network.
    divided = without_preprocessing(trained.model, trained.plain, trained.graph)
    behind = lipschitz if divided is None else CertifiedNetwork.of(keras_network(divided.plain)).lipschitz
    places: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        if column.indicates is None:
            places.setdefault(column.name, []).append(place)
    found = []
    for name, own in places.items():
        own_factors = sorted((float(factors[place]) for place in own), reverse=True)
        is_text = columns[own[0]].category is not None
        # A column of text with a single value never changes.
        reach = (_norm(own_factors[:2]) if len(own) > 1 else 0.0) if is_text else own_factors[0]
        found.append(ColumnConstant(name, columns[own[0]].unit, is_text, mul_up(behind, reach)))
    return tuple(found)


def _norm(two: Sequence[float]) -> float:
    return float(np.nextafter(np.hypot(two[0], two[1]), np.inf))


def _factors(trained: Trained, count: int) -> NDArray[np.float64] | None:
    """What each input is multiplied by, in size; None where inputs are not kept apart."""
    graph = trained.graph
    factors = np.ones(count)
    if graph.input_shape != (count,):
        return None
    for node in graph.nodes if graph.preprocessed != INPUT else ():
        layer = trained.plain.get_layer(node.name)
        if isinstance(layer, keras.layers.Rescaling):
            scale = np.abs(np.asarray(layer.scale, np.float64))
            factors = np.nextafter(np.broadcast_to(factors * scale, (count,)), np.inf)
        elif not isinstance(layer, keras.layers.ReLU):
            return None
        if node.name == graph.preprocessed:
            break
    return factors
