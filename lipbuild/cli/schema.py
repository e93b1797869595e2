from __future__ import annotations

from typing import Annotated

import typer


def schema(
    what: Annotated[
        str,
        typer.Argument(
            metavar="[COMMAND]",
            help="The command whose `--format json` is described. Default: the configs.",
            show_default=False,
        ),
    ] = "config",
) -> int:
    """Print the JSON Schema of configs, or of what a command prints.

    Editors use the first one, programs the second one.

    Example:
        lipbuild schema > lipbuild.schema.json
        lipbuild schema evaluate
    """
    import json

    if what == "config":
        from lipbuild.config.json_schema import config_schema

        found = config_schema()
    else:
        from lipbuild.errors import UnusableError
        from lipbuild.outputs import OUTPUTS, output_class

        if what not in OUTPUTS:
            known = ", ".join(OUTPUTS)
            raise UnusableError(f"there is no schema of `{what}`", f"there are config, {known}")
        found = output_class(what).model_json_schema()
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return 0
