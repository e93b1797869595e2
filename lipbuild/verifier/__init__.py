"""Checking a certificate against a model, by a program that shares nothing with the one that wrote it.

It imports NumPy, h5py and the standard library, and nothing of lipbuild outside this folder. docs/certificates.md
says what is proved, and has the format.
"""

from lipbuild.verifier.errors import UnreadableError
from lipbuild.verifier.verdict import Failure, Verdict
from lipbuild.verifier.verify import verify

__all__ = ["Failure", "UnreadableError", "Verdict", "verify"]
