from __future__ import annotations

from typing import Any

from lipbuild.network.bound_text import bound_text
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.section import Caution, Facts, Missing, Part, Section
from lipbuild.reporting.words import down, percent, plain, samples_of, up

_AT_MOST, _AT_LEAST = "≤\N{NO-BREAK SPACE}", "≥\N{NO-BREAK SPACE}"


def summary(run: RunFiles) -> Section:
    """What one looks for first: the constant, the accuracies, how far the training has come."""
    graph, config = run.checked.graph, run.checked.config
    evaluation = run.evaluation
    entries: list[tuple[str, str, str]] = []
    parts: list[Part] = []
    certificate = run.certificate
    if evaluation is not None and evaluation["lipschitz"]["proved"] is not None:
        constant = evaluation["lipschitz"]
        note = f"proved from the weights; {bound_text(constant['promised'])} promised"
        entries.append(("Lipschitz constant (L2)", f"{_AT_MOST}{up(constant['proved'])}", note))
    elif certificate is not None:
        proved = float.fromhex(certificate["lipschitz"])
        entries.append(("Lipschitz constant (L2)", f"{_AT_MOST}{up(proved)}", "proved from the weights"))
    else:
        entries.append(
            ("Lipschitz constant (L2)", f"{_AT_MOST}{graph.lipschitz:.6g}", "promised by the config")
        )
    if evaluation is not None:
        entries += _measured(evaluation)
    epochs = config.train.epochs if config.train is not None else 0
    state = "" if run.has_ended else "the training has not ended"
    early = run.has_ended and len(run.metrics) < epochs
    entries.append(
        ("epochs", f"{len(run.metrics)} of {epochs}", "it ended before its last epoch" if early else state)
    )
    entries.append(("parameters", f"{graph.parameters:,}", ""))
    parts.append(Facts(entries, large=True))
    if run.checked.voided_by:
        rules = ", ".join(run.checked.voided_by)
        parts.append(Caution(f"Nothing is certified: the config silences {rules}."))
    if evaluation is not None and evaluation.get("uncertified"):
        parts.append(Caution(f"Nothing is certified: {evaluation['uncertified']}."))
    if evaluation is not None and not (evaluation.get("baseline") or {}).get("is_beaten", True):
        parts.append(Caution("The network is no better than a constant answer."))
    if evaluation is not None and not evaluation.get("classifies", True):
        parts.append(
            Caution("The loss KR alone does not train a classifier: accuracies below are by chance.")
        )
    if run.folder.violations.is_file():
        parts.append(
            Caution(
                "An attack changed a class inside its certified radius (violations.npz): nothing about this network "
                "may be believed."
            )
        )
    if not run.has_ended:
        parts.append(Missing("The training has not ended; this is what there is so far."))
    elif evaluation is None:
        parts.append(
            Missing(
                "What it does on the test data has not been measured.", f"lipbuild evaluate {run.folder.path}"
            )
        )
    return Section("summary", "Summary", parts)


def _measured(evaluation: dict[str, Any]) -> list[tuple[str, str, str]]:
    samples = f"{evaluation['samples']:,} {samples_of(evaluation)}"
    if evaluation["task"] == "regression":
        entries = [
            ("mean absolute error", plain(evaluation["mean_absolute_error"]), samples),
            ("root mean squared error", plain(evaluation["root_mean_squared_error"]), samples),
        ]
        if evaluation.get("r_squared") is not None:
            entries.append(("R²", plain(evaluation["r_squared"]), samples))
        if evaluation.get("baseline"):
            error = plain(evaluation["baseline"]["mean_absolute_error"])
            entries.append(("error of a constant", error, "the median of the training part"))
        return entries
    entries = []
    if evaluation.get("distance"):
        found = evaluation["distance"]
        note = f"Wasserstein-1, `{found['positive']}` from `{found['negative']}`, {evaluation['radius_unit']}"
        entries.append(
            ("distance of the classes", f"{_AT_LEAST}{down(found['wasserstein_1_at_least'])}", note)
        )
    if not evaluation.get("classifies", True):
        return entries
    entries.append(("accuracy", percent(evaluation["accuracy"]), samples))
    if evaluation.get("baseline"):
        share, name = (evaluation["baseline"][key] for key in ("accuracy", "class"))
        entries.append(("accuracy of a constant", percent(share), f"always `{name}`"))
    attacked = {row["radius"]: row for row in (evaluation.get("attack") or {}).get("accuracy", [])}
    for point in evaluation["certified_accuracy"]:
        radius = point["radius"]
        row = attacked.get(radius)
        note = f"under attack {percent(row['attacked'])} of {evaluation['attack']['samples']}" if row else ""
        entries.append((f"certified at {radius:g}", percent(point["accuracy"]), note))
    if evaluation["average_certified_radius"] is not None:
        entries.append(
            (
                "average certified radius",
                plain(evaluation["average_certified_radius"]),
                evaluation["radius_unit"],
            )
        )
    return entries
