"""A few hundred of the forgeries that `tests.benchmarks.forge_certificates` tries by the hundred thousand."""

from tests.benchmarks.forge_certificates import Judge, forge_and_judge
from tests.benchmarks.forged_models import originals

MODELS = ("dense in float32", "residual block", "same bytes")


def test_no_forgery_is_accepted_that_states_less_than_was_measured():
    judges = [Judge(original, 0) for original in originals(0, MODELS)]
    assert len(judges) == len(MODELS)
    counts, found = forge_and_judge(judges, 150)
    assert not found
    # Were all refused, no measure would have been taken.
    assert sum(counts.true.values()) > 5
    assert sum(counts.refused.values()) > 80
