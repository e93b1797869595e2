from __future__ import annotations

from lipbuild.network.specs.kernels import ConstrainedSpec
from lipbuild.reporting.charts.band_chart import Spread, band_chart
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.section import Figure, Missing, Part, Section


def spectra(run: RunFiles) -> Section:
    """The singular values of each kernel over the training."""
    title = "Singular values"
    if not run.spectra:
        what = "No singular values were recorded: they are, of each constrained kernel, while `lipbuild train` runs."
        return Section("spectra", title, [Missing(what)])
    graph = run.checked.graph
    limits = {
        node.name: node.spec.kernel_bound() for node in graph.nodes if isinstance(node.spec, ConstrainedSpec)
    }
    parts: list[Part] = []
    for name in dict.fromkeys(name for line in run.spectra for name in line["layers"]):
        found = [(line["epoch"], line["layers"][name]) for line in run.spectra if name in line["layers"]]
        spreads = [Spread(epoch, tuple(values["quartiles"])) for epoch, values in found]
        label = f"singular values of {name} over the training"
        chart = band_chart(spreads, label, "singular value", limits.get(name))
        parts.append(Figure(chart, f"{name}: {found[-1][1]['values']:,} singular values."))
    lead = (
        "Of each constrained kernel after an epoch, as measured in float64: all of them, the middle half, the median. "
        "A convolution's are those on a periodic image of 8 strides a side. What is proved stands in the certificate."
    )
    return Section("spectra", title, parts, lead)
