import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipbuild.network.bound_text import bound_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.7071067, "0.707107"),
        (0.9999951, "0.999996"),
        (1.0000000000000002, "1.00001"),
        (1e-9, "1e-09"),
        (12345678.0, "1.23457e+07"),
        (math.inf, "inf"),
    ],
)
def test_a_bound_has_six_digits_and_is_never_rounded_down(value: float, text: str) -> None:
    assert bound_text(value) == text


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_what_is_shown_is_at_least_the_bound_and_close_to_it(value: float) -> None:
    shown = float(bound_text(value))
    assert value <= shown <= value * 1.00002
