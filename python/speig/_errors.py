"""Exceptions: SciPy's own classes for what SciPy has, so that existing `except` clauses work."""

from __future__ import annotations

from typing import Any

from . import _structs
from ._library import lib

try:
    from scipy.sparse.linalg import ArpackError as ArpackError
    from scipy.sparse.linalg import ArpackNoConvergence as ArpackNoConvergence
except ImportError:

    class ArpackError(RuntimeError):  # type: ignore[no-redef]
        """A solver failed."""

        def __init__(self, info: int, infodict: dict[int, str] | None = None) -> None:
            text = (infodict or {}).get(info, "Unknown error")
            super().__init__(f"ARPACK error {info}: {text}")

    class ArpackNoConvergence(ArpackError):  # type: ignore[no-redef,misc]
        """Fewer eigenvalues than wanted; those found are `eigenvalues` and `eigenvectors`."""

        def __init__(self, msg: str, eigenvalues: Any, eigenvectors: Any) -> None:
            ArpackError.__init__(self, -1, {-1: msg})
            self.eigenvalues = eigenvalues
            self.eigenvectors = eigenvectors


class SpeigError(RuntimeError):
    """The library refused or failed; `status` is its code, the message says what and why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class UnsupportedError(SpeigError, NotImplementedError):
    """An option that the chosen method cannot honour."""


class IllConditioned(UserWarning):
    """Of an eigenvalue rounding errors leave less than half of the digits, however small the
    residual."""


def from_status(status: int) -> Exception:
    """The exception for a status code other than OK, with the library's last message."""
    message = lib.speig_last_error().decode("utf-8", "replace")
    message = message or lib.speig_status_text(status).decode()
    if status == _structs.ERR_ARG:
        return ValueError(message)
    if status == _structs.ERR_MEMORY:
        return MemoryError(message)
    if status == _structs.ERR_UNSUPPORTED:
        return UnsupportedError(status, message)
    return SpeigError(status, message)


def check(status: int) -> None:
    if status != _structs.OK:
        raise from_status(status)
