"""What pydantic finds wrong with a section: each place once, in the words of a config."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from lipbuild.config.invalid import Invalid, invalid, is_valid, wrong_with
from lipbuild.fields.one_of import OneOf
from lipbuild.fields.strict import Strict


def _even(value: int) -> int:
    if value % 2:
        raise ValueError(f"{value} is odd")
    return value


def _pair(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value, value)


class Part(Strict):
    """A part."""

    size: int = Field(ge=1, description="Its size.")


class Whole(Strict):
    """A whole."""

    units: int = Field(ge=1, le=100, description="A number.")
    scale: float = Field(1.0, gt=0, description="Another.")
    flag: bool = Field(False, description="A flag.")
    name: str | None = Field(None, pattern=r"^[a-z]+$", max_length=5, description="A name.")
    mode: Literal["fast", "slow"] = Field("fast", description="A mode.")
    axis: Literal[-1, 1] | None = Field(-1, description="An axis.")
    pair: Annotated[tuple[int, int], BeforeValidator(_pair)] = Field((1, 1), description="Two.")
    even: Annotated[int, AfterValidator(_even)] = Field(2, description="Even.")
    word: Annotated[str, OneOf("word", {"yes": 1, "no": 0})] = Field("yes", description="A word.")
    items: list[Annotated[float, Field(ge=0)]] = Field(
        default_factory=lambda: [0.5], min_length=1, description="Some."
    )
    many: tuple[float, ...] = Field((), description="Any number of them.")
    either: float | list[float] = Field(0.0, description="One or several.")
    part: Part | None = Field(None, description="A part.")
    anything: Any = Field(None, description="Anything.")

    @model_validator(mode="after")
    def _fits(self) -> "Whole":
        if self.flag and self.mode == "slow":
            raise ValueError("`flag` is for `fast`")
        return self


def everything(**values: Any) -> list[Invalid]:
    with pytest.raises(ValidationError) as caught:
        Whole.model_validate(values)
    return invalid(caught.value, values)


def errors(**values: Any) -> list[tuple[tuple[str | int, ...], str]]:
    return [(error.loc, error.code) for error in everything(**values)]


def test_what_is_left_out_has_its_default_of_its_own() -> None:
    one, two = Whole(units=3), Whole.model_validate({"units": 3})
    assert one == two
    assert one.items == [0.5]
    assert one.items is not two.items
    assert list(Whole.model_fields)[:2] == ["units", "scale"]
    assert Whole.model_fields["units"].is_required()
    assert not Whole.model_fields["items"].is_required()


@pytest.mark.parametrize(
    "values",
    [
        {"scale": 2},
        {"name": "abc"},
        {"name": None},
        {"axis": None},
        {"axis": 1},
        {"pair": [2, 3]},
        {"pair": 4},
        {"many": (1, 2.5)},
        {"either": 3},
        {"either": [1, 2.5]},
        {"part": Part(size=1)},
        {"anything": object()},
    ],
)
def test_what_fits_is_taken(values: dict[str, Any]) -> None:
    whole = Whole(units=1, **values)
    (value,) = (getattr(whole, name) for name in values)
    assert value is not Whole.model_fields[next(iter(values))].default or value is None


def test_a_whole_number_is_a_number() -> None:
    scale = Whole(units=1, scale=2).scale
    assert scale == 2.0
    assert type(scale) is float


@pytest.mark.parametrize(
    ("values", "loc", "code"),
    [
        ({"units": True}, ("units",), "type"),
        ({"units": "3"}, ("units",), "type"),
        ({"units": 3.0}, ("units",), "type"),
        ({"units": None}, ("units",), "type"),
        ({"units": 0}, ("units",), "range"),
        ({"units": 101}, ("units",), "range"),
        ({"scale": True}, ("scale",), "type"),
        ({"scale": float("nan")}, ("scale",), "infinite"),
        ({"scale": float("inf")}, ("scale",), "infinite"),
        ({"scale": 10**400}, ("scale",), "infinite"),
        ({"scale": 0}, ("scale",), "range"),
        ({"flag": 1}, ("flag",), "type"),
        ({"name": 3}, ("name",), "type"),
        ({"name": "A"}, ("name",), "pattern"),
        ({"name": "abcdef"}, ("name",), "length"),
        ({"mode": "Fast"}, ("mode",), "choice"),
        ({"axis": 2}, ("axis",), "choice"),
        ({"pair": [1, 2, 3]}, ("pair",), "length"),
        ({"pair": [1, "2"]}, ("pair", 1), "type"),
        ({"even": 3}, ("even",), "value"),
        ({"word": "maybe"}, ("word",), "choice"),
        ({"items": []}, ("items",), "length"),
        ({"items": [0.1, -1]}, ("items", 1), "range"),
        ({"items": 0.1}, ("items",), "type"),
        ({"either": "x"}, ("either",), "type"),
        ({"either": [1, "x"]}, ("either", 1), "type"),
        ({"part": 1}, ("part",), "type"),
        ({"flag": True, "mode": "slow"}, (), "value"),
        ({"unit": 3}, ("unit",), "extra"),
    ],
)
def test_what_does_not_fit_is_told_where_and_why(
    values: dict[str, Any], loc: tuple[str | int, ...], code: str
) -> None:
    assert errors(**{"units": 1, **values}) == [(loc, code)]


def test_everything_wrong_is_told_at_once() -> None:
    assert errors(scale="x", items=["a", 0.1, "b"]) == [
        (("units",), "missing"),
        (("scale",), "type"),
        (("items", 0), "type"),
        (("items", 2), "type"),
    ]


def test_what_is_made_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Whole(units=3).units = 4


def test_whether_one_key_may_have_a_value_does_not_depend_on_the_others() -> None:
    assert is_valid(Whole, "scale", 2)
    assert not is_valid(Whole, "scale", 0)
    assert [item.loc for item in wrong_with(Whole, "items", [0.1, -1])] == [("items", 1)]


def test_the_words_of_a_limit_are_those_of_a_config() -> None:
    found = {item.loc[0]: item.message for item in everything(units=0, scale="x", name="abcdef", items=[])}
    assert found == {
        "units": "must be at least 1",
        "scale": "takes a number",
        "name": "takes at most 5 characters",
        "items": "needs at least 1 item",
    }
