import math

import pytest

from lipbuild.text.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("1e5", 1e5),
        ("1.0e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-0.25", -0.25),
        ("+3", 3),
        ("-3", -3),
        ("0", 0),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        (".inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_a_plain_scalar_means_what_yaml_1_2_says(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_not_a_number_is_a_float() -> None:
    value = resolve(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    "text",
    [
        "on",
        "off",
        "yes",
        "No",
        "y",
        "12:30",
        "1_000",
        "2024-01-01",
        "0b11",
        "1e",
        "e3",
        "--1",
        "1.2.3",
        "nan",
        "inf",
        "TrUe",
        "١٢",
    ],
)
def test_what_yaml_1_1_alone_takes_for_something_else_is_text(text: str) -> None:
    assert resolve(text) == text


def test_a_number_too_long_to_read_stays_text() -> None:
    assert isinstance(resolve("9" * 5000), str)
