"""A thousand of the inputs of `tests/benchmarks/fuzz_check.py`, which makes as many as one likes."""

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "fuzz_check.py"


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_check", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(10))
def test_any_input_is_a_network_or_is_found_wanting_for_a_reason(fuzz: ModuleType, seed: int) -> None:
    for data in fuzz.inputs(random.Random(seed), 100):
        fuzz.must_hold(data)
