"""A few of the forgeries that `tests.benchmarks.forge_certificates` tries by the hundred thousand."""

from unittest import mock

import pytest

from tests.benchmarks.forge_certificates import Judge, forge_and_judge
from tests.benchmarks.forged_models import originals

MODELS = ("dense in float32", "residual block", "same bytes")
VERIFIER = "lipbuild.verifier.checking"


@pytest.fixture(scope="module")
def judges() -> list[Judge]:
    return [Judge(original, 0) for original in originals(0, MODELS)]


def test_no_forgery_is_accepted_that_states_less_than_was_measured(judges):
    assert len(judges) == len(MODELS)
    counts, found = forge_and_judge(judges, 150)
    assert not found
    # Were all refused, no measure would have been taken.
    assert sum(counts.true.values()) > 5
    assert sum(counts.refused.values()) > 80


def test_a_verifier_that_believes_is_noticed(judges):
    with (
        mock.patch(f"{VERIFIER}.Checking.proved", return_value=True),
        mock.patch(f"{VERIFIER}.steps_that_fail", return_value=[]),
        mock.patch(f"{VERIFIER}.check_accuracy", return_value=None),
    ):
        _, found = forge_and_judge(judges, 150)
    for noticed in ("upper of", "constant of", "accuracy"):
        assert any(noticed in text for text in found), noticed
