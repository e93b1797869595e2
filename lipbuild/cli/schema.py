from __future__ import annotations


def schema() -> int:
    """Print the JSON Schema of configs, for editors.

    Example:
        lipbuild schema > lipbuild.schema.json
    """
    import json

    from lipbuild.config.json_schema import config_schema

    print(json.dumps(config_schema(), indent=2, ensure_ascii=False))
    return 0
