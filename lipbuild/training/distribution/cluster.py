from __future__ import annotations

import errno
import json
import os
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lipbuild.errors import UnusableError

_ADDRESS = re.compile(r"^(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):(\d{1,5})$")


@dataclass(frozen=True)
class Cluster:
    """The processes of one training and the place of this one among them.

    Attributes:
        workers: The address `host:port` of each.
        index: Which of them this process is. The first is the chief, which alone writes.
    """

    workers: tuple[str, ...]
    index: int

    def __post_init__(self) -> None:
        if not self.workers:
            raise UnusableError("the list of workers is empty", "name them as `host:port,host:port`")
        for worker in self.workers:
            found = _ADDRESS.match(worker)
            if found is None or not 0 < int(found[2]) < 65536:
                raise UnusableError(f"the worker `{worker}` is not a `host:port`")
        twice = {worker for worker in self.workers if self.workers.count(worker) > 1}
        if twice:
            raise UnusableError(
                f"the worker `{min(twice)}` is named twice", "each process needs a port of its own"
            )
        if not 0 <= self.index < len(self.workers):
            raise UnusableError(
                f"there is no worker {self.index} among {len(self.workers)}",
                f"the index counts from 0 to {len(self.workers) - 1}",
            )

    @property
    def is_chief(self) -> bool:
        """Whether this process writes."""
        return self.index == 0

    def check_port(self) -> None:
        """Look whether this process can serve its own port.

        Raises:
            UnusableError: Another process has it.
        """
        worker = self.workers[self.index]
        port = int(worker.rpartition(":")[2])
        try:
            # As servers do, so that a connection that has just been closed is not in the way.
            socket.create_server(("", port)).close()
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                return
            taken = error.errno == errno.EADDRINUSE
            raise UnusableError(
                f"the port {port} of worker {self.index}, `{worker}`, is "
                + ("in use by another process of this machine" if taken else "not open to this user"),
                "end that process (perhaps a worker with the same `--index`), or give this worker another port in the "
                "list that every process is started with"
                if taken
                else "give this worker a port above 1023 in the list that every process is started with",
            ) from None

    def as_tf_config(self) -> str:
        """The cluster as TensorFlow reads it from the variable `TF_CONFIG`."""
        return json.dumps(
            {"cluster": {"worker": list(self.workers)}, "task": {"type": "worker", "index": self.index}}
        )


def cluster_of(workers: Sequence[str], index: int | None) -> Cluster | None:
    """The cluster that a command's options name, if they name one.

    Args:
        workers: What `--cluster` names.
        index: What `--index` says.

    Raises:
        UnusableError: One of them is missing, or wrong.
    """
    if not workers:
        if index is not None:
            raise UnusableError(
                "`--index` without `--cluster`", "name all processes as `host:port,host:port`"
            )
        return None
    if index is None:
        raise UnusableError("`--cluster` without `--index`", "say which of them this process is, from 0")
    return Cluster(tuple(workers), index)


def cluster_from_environment(environment: Mapping[str, str] = os.environ) -> Cluster | None:
    """The cluster of the variable `TF_CONFIG` as TensorFlow's documentation has it; None where it names none.

    A task of the type `chief` is the first worker.

    Raises:
        UnusableError: It is no such JSON, or names a role that has no part in this kind of training.
    """
    text = environment.get("TF_CONFIG", "").strip()
    if not text:
        return None
    try:
        value: Any = json.loads(text)
        cluster = value.get("cluster") or {}
        if not cluster:
            return None
        roles = {str(role): _addresses(members) for role, members in cluster.items()}
        role, index = str(value["task"]["type"]), _index(value["task"]["index"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnusableError(
            f"the variable TF_CONFIG cannot be read: {type(error).__name__}: {error}",
            'it is JSON like {"cluster": {"worker": ["a:1234", "b:1234"]}, "task": {"type": "worker", "index": 0}}',
        ) from None
    strange = sorted(set(roles) - {"chief", "worker"})
    if strange or role not in roles:
        raise UnusableError(
            f"the variable TF_CONFIG names the role `{strange[0] if strange else role}`",
            "a training only has workers; one of them can be called `chief`",
        )
    chiefs = roles.get("chief", [])
    return Cluster(
        (*chiefs, *roles.get("worker", [])), index if role == "chief" or not chiefs else index + len(chiefs)
    )


def _addresses(members: Any) -> list[str]:
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        raise TypeError(f"a list of `host:port` is needed, not {json.dumps(members)}")
    return members


def _index(value: Any) -> int:
    # Schedulers fill templates, so a text of digits is common.
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"an index is a whole number, not {json.dumps(value)}")
    return value
