"""From the body of a request to samples, and from what is wrong with it to a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from lipbuild.serving.given_column import GivenColumn
from lipbuild.text.suggest import nearest

if TYPE_CHECKING:
    from lipbuild.serving.images import ImageReader

# No data is as large, and a network of it does not overflow in float32.
LARGEST = 1e30


class BadRequestError(Exception):
    """A request that cannot be answered.

    Attributes:
        status: The HTTP status.
        reason: What is wrong with it.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def read_samples(
    body: bytes | bytearray,
    shape: tuple[int | None, ...],
    most: int,
    columns: Mapping[str, GivenColumn] | None = None,
    images: ImageReader | None = None,
) -> NDArray[np.float32]:
    """The samples of `{"inputs": [sample, …]}`: nested lists, or objects with a number for the name of each column.

    Args:
        body: The body of the request.
        shape: The shape of one sample; None where any size is taken.
        most: How many samples one request may have.
        columns: The columns of a table in their order; None where there are no names.
        images: How `{"b64": "…"}`, an encoded image, becomes a sample; None where none is taken.

    Raises:
        BadRequestError: The body is not such JSON, a name is missing, unknown or there twice, a sample has another
            shape, a number is beyond 1e30, or there are none or too many. The reason names the sample.
    """
    inputs = read_inputs(body, most)
    numbers = _all_numbers(inputs, shape)
    if numbers is not None:
        return numbers
    samples = []
    for i, given in enumerate(inputs):
        where = f"inputs[{i}]"
        if images is not None and isinstance(given, dict):
            samples.append(images.read_object(given, where, len(inputs)))
        else:
            samples.append(_sample(_ordered(given, columns, where), shape, where))
        if samples[-1].shape != samples[0].shape:
            raise BadRequestError(422, f"{where} has another size than inputs[0]")
    return np.stack(samples)


def read_inputs(body: bytes | bytearray, most: int) -> list[Any]:
    """The list of `{"inputs": […]}`, whatever its items are.

    Raises:
        BadRequestError: The body is no such JSON, or there are no items or too many.
    """
    try:
        content = json.loads(body, parse_constant=_not_finite, object_pairs_hook=_once)
    except RecursionError:
        raise BadRequestError(422, "the body is not JSON of the inputs: it is nested too deeply") from None
    except ValueError as error:
        # A plain ValueError is Python's limit of the digits of a number.
        reason = "a number has too many digits" if type(error) is ValueError else error
        raise BadRequestError(422, f"the body is not JSON: {reason}") from None
    if not isinstance(content, dict) or "inputs" not in content:
        raise BadRequestError(422, 'the body is not a JSON object with the key "inputs"')
    unknown = sorted(set(content) - {"inputs"})
    if unknown:
        raise BadRequestError(422, f'the key {json.dumps(unknown[0][:100])} is not known; "inputs" is')
    inputs = content["inputs"]
    if not isinstance(inputs, list) or not inputs:
        raise BadRequestError(422, '"inputs" is not a list of at least one sample')
    if len(inputs) > most:
        raise BadRequestError(422, f"{len(inputs)} samples in one request; at most {most} are answered")
    return inputs


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, each key of which is there once."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadRequestError(
                422, f"the body is not JSON: the key {json.dumps(key[:100])} is there twice"
            )
        found[key] = value
    return found


def _all_numbers(inputs: list[Any], shape: tuple[int | None, ...]) -> NDArray[np.float32] | None:
    """Samples that are nested lists of numbers, all of the right shape; None where they are anything else.

    Level by level, so that no step is taken for a single value. What is wrong with others is looked for elsewhere.
    """
    level: list[Any] = inputs
    sizes = [len(inputs)]
    for size in shape:
        if set(map(type, level)) != {list}:
            return None
        lengths = set(map(len, level))
        if len(lengths) != 1 or (size is not None and size not in lengths):
            return None
        sizes.append(*lengths)
        level = list(chain.from_iterable(level))
    if not set(map(type, level)) <= {int, float}:
        return None
    try:
        numbers = np.array(level, np.float64).reshape(sizes)
    except OverflowError:
        return None
    # Not a number is not below either.
    return numbers.astype(np.float32) if (np.abs(numbers) <= LARGEST).all() else None


def _ordered(sample: Any, columns: Mapping[str, GivenColumn] | None, where: str) -> Any:
    """The values of an object in the order of the columns; anything else unchanged."""
    if isinstance(sample, list) and None in sample and columns is not None and _are_inputs(columns):
        sample = dict(zip(columns, sample)) if len(sample) == len(columns) else sample
    if not isinstance(sample, dict):
        return sample
    if columns is None:
        raise BadRequestError(
            422, f"{where} is an object, and the network's inputs have no names: give a list"
        )
    unknown = next((name for name in sample if name not in columns), None)
    if unknown is not None:
        near = nearest(unknown, [name for name in columns if name not in sample] or columns)
        advice = f'there is "{near}"' if near else f"there are {_few(list(columns))}"
        raise BadRequestError(422, f"{where} has the unknown column {_few([unknown])}; {advice}")
    missing = [name for name in columns if name not in sample]
    if missing:
        raise BadRequestError(422, f"{where} has no column {_few(missing)}")
    numbers: list[Any] = []
    for name, column in columns.items():
        value, place = sample[name], f"{where}[{json.dumps(name, ensure_ascii=False)}]"
        categories = column.categories
        if value is None:
            if column.fill is None:
                raise BadRequestError(422, f"{place} is null, and the training filled no missing cell of it")
            numbers += column.fill
        elif not categories:
            _check(value, (), place)
            numbers.append(value)
        elif isinstance(value, str) and value in categories:
            numbers += [float(value == category) for category in categories]
        else:
            raise BadRequestError(422, f"{place} is none of its categories; there are {_few(categories)}")
        if column.has_indicator:
            numbers.append(float(value is None))
    return numbers


def _are_inputs(columns: Mapping[str, GivenColumn]) -> bool:
    """Whether each column is one input, so that a list of the inputs is one of the columns."""
    return not any(column.categories or column.has_indicator for column in columns.values())


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(json.dumps(name[:100]) for name in names[:10]) + more


def _sample(value: Any, shape: tuple[int | None, ...], where: str) -> NDArray[np.float32]:
    _check(value, shape, where)
    sample = np.asarray(value, np.float64)
    if not (np.abs(sample) <= LARGEST).all():
        raise BadRequestError(422, f"{where} holds a number beyond 1e30")
    return sample.astype(np.float32)


def _check(value: Any, shape: tuple[int | None, ...], where: str) -> None:
    """Let nested lists of numbers through that have a shape."""
    if not shape:
        # True and False are numbers to Python.
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise BadRequestError(422, f"{where} is not a number")
        if isinstance(value, int) and abs(value) > LARGEST:
            raise BadRequestError(422, f"{where} holds a number beyond 1e30")
        return
    if not isinstance(value, list):
        raise BadRequestError(422, f"{where} is not a list of {shape[0] or 'some'} items")
    if shape[0] is not None and len(value) != shape[0]:
        raise BadRequestError(422, f"{where} has {len(value)} items, and the network takes {shape[0]}")
    for i, item in enumerate(value):
        _check(item, shape[1:], f"{where}[{i}]")


def _not_finite(text: str) -> NoReturn:
    raise BadRequestError(422, f"the body is not JSON: {text} is not a JSON number")
