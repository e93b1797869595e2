from __future__ import annotations

from collections.abc import Mapping

from lipbuild.benchmarking.bench import Benchmark
from lipbuild.benchmarking.interleaved import Times
from lipbuild.cli.text_table import text_table
from lipbuild.network.graph import Graph

_HEADER = ("", "lipbuild", "plain Keras", "ratio", "quartiles")
_LAYERS = ("layer", "type", "output", "lipbuild", "plain Keras", "ratio")


def benchmark_table(found: Benchmark, graph: Graph) -> str:
    """What was measured, as plain text: a table of the whole network, and one of its layers."""
    whole = [
        _times("training step", found.training),
        ("first step", *(_duration(found.training[name].first) for name in ("lipbuild", "plain")), "", ""),
        _times("inference, exported", found.inference),
    ]
    if found.memory is not None:
        for row, index in (("memory of a training", 0), ("of it beyond the imports", 1)):
            mine, its = found.memory["lipbuild"][index], found.memory["plain"][index]
            whole.append((row, _size(mine), _size(its), f"{mine / max(its, 1):.2f}x", ""))
    text = [f"batches of {found.batch_size} random samples, {found.device}", "", text_table(_HEADER, whole)]
    if found.layers is not None:
        rows = [_layer(name, times, graph) for name, times in found.layers.items()]
        text += ["", "training step of each layer alone", "", text_table(_LAYERS, rows)]
    return "\n".join(text)


def _times(name: str, times: Mapping[str, Times]) -> tuple[str, ...]:
    middle, low, high = times["lipbuild"].ratio_to(times["plain"])
    typical = (_duration(times[who].typical) for who in ("lipbuild", "plain"))
    return (name, *typical, f"{middle:.2f}x", f"{low:.2f} to {high:.2f}")


def _layer(name: str, times: Mapping[str, Times], graph: Graph) -> tuple[str, ...]:
    node = graph.node(name)
    row = _times(name, times)
    return (name, node.kind, "×".join(map(str, node.shape)), *row[1:4])


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3f} ms"


def _size(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"
