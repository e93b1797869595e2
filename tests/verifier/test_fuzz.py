"""No file and no certificate, whatever is in it, ends in anything but a verdict or a refusal to read."""

import copy
import json

import numpy as np
import pytest

from lipbuild.verifier import UnreadableError, verify

STRANGE = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "nan",
    "0x1.0000000000000p+0",
    "-0x1.0000000000000p+0",
    "0x1p+9999",
    [],
    [[]],
    {},
    {"a": 1},
    [None],
    2**70,
]


def _places(value, path=()):
    """The path of everything inside a value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _places(inner, (*path, key))


def _with(value, path, other):
    value = copy.deepcopy(value)
    if not path:
        return other
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = other
    return value


@pytest.mark.parametrize("name", ["main", "spans"])
def test_a_certificate_with_anything_anywhere_gets_a_verdict(certified, name):
    model = certified(name)
    rng = np.random.default_rng(0)
    places = list(_places(model.statement))
    for _ in range(150):
        path = places[int(rng.integers(len(places)))]
        other = STRANGE[int(rng.integers(len(STRANGE)))]
        changed = _with(model.statement, path, other)
        verdict = verify(model.path, changed, inputs=model.x, labels=model.y)
        if verdict.holds:
            # What is not read is not believed either: names of tools, hints that were not needed, gains from below.
            assert path[1] != "subject" or path[2:4] == ()
            assert {"upper", "constant", "lipschitz", "radii", "distances", "kind", "inputs"}.isdisjoint(
                path
            ) or (json.dumps(changed) == json.dumps(model.statement) or other == "0x1.0000000000000p+0"), (
                path,
                other,
            )


def test_a_model_with_anything_anywhere_gets_a_verdict_or_cannot_be_read(main, tmp_path):
    content = bytearray(main.path.read_bytes())
    rng = np.random.default_rng(0)
    for _ in range(150):
        damaged = bytearray(content)
        for place in rng.integers(len(content), size=int(rng.integers(1, 4))):
            damaged[place] = int(rng.integers(256))
        if damaged == content:
            continue
        (tmp_path / "m.keras").write_bytes(damaged)
        try:
            verdict = verify(tmp_path / "m.keras", main.statement)
        except UnreadableError:
            continue
        # What is left out of the digests, such as the archive's own dates, may change.
        assert verdict.holds or verdict.failures


def test_a_configuration_with_anything_anywhere_gets_a_verdict_or_cannot_be_read(main, tmp_path):
    rng = np.random.default_rng(0)

    def strange(config):
        places = [path for path in _places(config) if path]
        path = places[int(rng.integers(len(places)))]
        return _with(config, path, STRANGE[int(rng.integers(len(STRANGE)))])

    for i in range(60):
        try:
            changed = main.changed(tmp_path / f"{i}.keras", config=strange)
        except UnreadableError:
            continue
        changed.verified()
