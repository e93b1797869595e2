"""What a validator of a section finds wrong with several of its keys together."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

MISFIT = "misfit"

# A key, and the keys and positions in lists that lead from its value to another.
Way = tuple[str | int, ...]


def misfit(message: str, *places: str | Way, help: str = "") -> PydanticCustomError:
    """The error of a value that does not fit others, for a validator to raise.

    Args:
        message: What is wrong.
        places: The key whose value is to be changed, or the way to a value inside it; then those that it does not
            fit.
        help: What to do.
    """
    return _error(message, places, help, redundant=False)


def redundant(message: str, *keys: str, help: str = "") -> PydanticCustomError:
    """The error of keys of which one must go, for a validator to raise.

    Args:
        message: What is wrong.
        keys: The keys, of which the last one in the text is shown as the wrong one.
        help: What to do.
    """
    return _error(message, keys, help, redundant=True)


def _error(message: str, places: tuple[str | Way, ...], help: str, *, redundant: bool) -> PydanticCustomError:
    ways = tuple((place,) if isinstance(place, str) else place for place in places)
    context = {"message": message, "places": ways, "help": help, "redundant": redundant}
    return PydanticCustomError(MISFIT, "{message}", context)
