"""Small problems with all their eigenvalues, for tests; and real ones from the shared folder."""

import functools
from pathlib import Path

import numpy as np

TYPES = "fdFD"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "mtx"


def hermitian(n, char, seed=0, definite=False):
    """A dense Hermitian matrix of that type; definite: with eigenvalues well above 0."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n, n))
    if char in "FD":
        A = A + 1j * rng.normal(size=(n, n))
    A = A @ A.conj().T / n + np.eye(n) if definite else (A + A.conj().T) / 2
    return A.astype(char)


@functools.lru_cache(maxsize=None)
def shared_matrix(name):
    """A matrix of the shared folder as scipy.sparse CSR, or None where it is not there."""
    from scipy.io import mmread
    from scipy.sparse import csr_matrix
    for path in (SHARED / f"{name}.mtx", SHARED / f"{name}.mtx.gz"):
        if path.is_file():
            A = csr_matrix(mmread(path))
            return A.astype(np.promote_types(A.dtype, np.float64))
    return None


def pick(values, k, which, transform=lambda w: w):
    """The k values that `which` means, ranked after the transformation, ascending."""
    values = np.asarray(values)
    t = transform(values)
    rank = np.argsort(np.abs(t) if which in ("LM", "SM") else t, kind="stable")
    if which in ("LM", "LA"):
        chosen = rank[-k:]
    elif which in ("SM", "SA"):
        chosen = rank[:k]
    else:
        chosen = np.concatenate([rank[:k // 2], rank[k // 2 - k:]])
    return np.sort(values[chosen])


def distance(found, wanted):
    """The largest distance from a found value to its nearest wanted one, each used once."""
    left, worst = list(wanted), 0
    for w in found:
        at = int(np.argmin(np.abs(np.asarray(left) - w)))
        worst = max(worst, abs(left.pop(at) - w))
    return worst


def tolerance(char):
    return 1e-4 if char in "fF" else 1e-10
