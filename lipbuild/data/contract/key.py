from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from lipbuild.errors import UnusableError
from lipbuild.reading.file import open_file

# Names a file with a key of one's own.
VARIABLE = "LIPBUILD_DATA_KEY"
_LEAST, _MOST = 16, 64


@dataclass(frozen=True)
class Key:
    """What the digests of samples are made with: whoever has it can find out whether a sample is among them.

    Attributes:
        secret: The key, 16 to 64 bytes.
        is_own: Whether it is a key of the user's, which is not written into the run folder.
    """

    secret: bytes
    is_own: bool = False

    @property
    def check(self) -> str:
        """What tells this key from another one, and says nothing of it."""
        return hashlib.blake2b(b"lipbuild.data.key", digest_size=8, key=self.secret).hexdigest()


def own_key() -> Key | None:
    """The key in the file that `LIPBUILD_DATA_KEY` names, if it does.

    Raises:
        UnusableError: The file cannot be read, or is not a key.
    """
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    try:
        with open_file(Path(name)) as file:
            secret = file.read(_MOST + 1)
    except OSError as error:
        raise UnusableError(
            f"{name}: the key cannot be read: {error.strerror or error}", f"`{VARIABLE}` names it"
        ) from None
    if not _LEAST <= len(secret) <= _MOST:
        found = f"more than {_MOST}" if len(secret) > _MOST else len(secret)
        raise UnusableError(
            f"{name}: a key has {_LEAST} to {_MOST} bytes, and this file has {found}",
            f"make one by `head -c 32 /dev/urandom > {name}`",
        )
    return Key(secret, is_own=True)


def new_key() -> Key:
    """The user's key, or else a random one.

    Raises:
        UnusableError: The user's cannot be read.
    """
    return own_key() or random_key()


def random_key() -> Key:
    """A key that nobody has yet."""
    return Key(secrets.token_bytes(32))
