"""Frozen dataclasses do what those of the standard library do."""

import copy
import dataclasses
import pickle

import pytest

from lipbuild.frozen import dataclass as ours


@dataclasses.dataclass(frozen=True)
class Theirs:
    """A class."""

    a: int
    b: tuple[int, ...] = ()
    c: list[int] = dataclasses.field(default_factory=list, compare=False, repr=False)
    d: int = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "d", self.a + 1)


@ours(frozen=True)
class Ours:
    """A class."""

    a: int
    b: tuple[int, ...] = ()
    c: list[int] = dataclasses.field(default_factory=list, compare=False, repr=False)
    d: int = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "d", self.a + 1)


@ours(frozen=True)
class More(Ours):
    """A subclass."""

    e: str = "e"


@ours(frozen=True, eq=False)
class Each:
    """A class whose instances are all different."""

    a: int


def test_fields_defaults_and_texts_are_the_same() -> None:
    for cls in (Theirs, Ours):
        one = cls(1, c=[2])
        assert (one.a, one.b, one.c, one.d) == (1, (), [2], 2)
        assert repr(one) == f"{cls.__name__}(a=1, b=())"
        assert cls(1).c is not cls(1).c
        assert [f.name for f in dataclasses.fields(cls)] == ["a", "b", "c", "d"]
        assert dataclasses.replace(one, a=5).d == 6
        assert dataclasses.asdict(one) == {"a": 1, "b": (), "c": [2], "d": 2}
        with pytest.raises(TypeError, match="__init__"):
            cls()
        with pytest.raises(TypeError, match="unexpected keyword argument"):
            cls(1, x=2)
        assert copy.deepcopy(one) == copy.copy(one) == one
    assert pickle.loads(pickle.dumps(Ours(1, (2,)))) == Ours(1, (2,))
    assert (More(1, (2,), e="x").e, More(1).d) == ("x", 2)


def test_equality_and_hashes_are_those_of_what_is_compared() -> None:
    for cls in (Theirs, Ours):
        assert cls(1, c=[1]) == cls(1, c=[2])
        assert hash(cls(1)) == hash(cls(1, c=[3]))
        assert cls(1) != cls(2)
        assert cls(1) != 1
    assert Ours(1) != More(1)
    assert Each(1) != Each(1)


def test_nothing_can_be_changed() -> None:
    for one in (Theirs(1), Ours(1), Each(1)):
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.a = 2
        with pytest.raises(dataclasses.FrozenInstanceError):
            del one.a
