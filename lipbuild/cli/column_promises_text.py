from __future__ import annotations

from lipbuild.cli.text_table import text_table, up, wrapped
from lipbuild.config.column_promises import column_promises
from lipbuild.config.config import Config
from lipbuild.network.bound_text import bound_text
from lipbuild.network.graph import Graph


def column_promises_text(name: str, config: Config, graph: Graph) -> str:
    """What the layers promise of single columns of a table, as lines; nothing of other data.

    Args:
        name: What the config is called.
        config: The config.
        graph: Its graph.
    """
    promised = column_promises(config, graph)
    if promised is None:
        return ""
    fitted = graph.target_scale is None or graph.node(graph.target_scale).spec.is_fitted
    scale = "" if fitted else " deviations of the target"
    said = f"{name}: one column alone moves an output by at most {bound_text(promised.each)}{scale}"
    if not promised.columns:
        return wrapped(f"{said}, if the column moves by its divisor") + "\n"
    rows = [
        (column, f"1 {unit or 'unit'}", f"{up(bound)}{scale}") for column, unit, bound in promised.columns
    ]
    table = text_table(("column", "moves by", "an output then moves by at most"), rows, words=2)
    return f"\n{table}\n"
