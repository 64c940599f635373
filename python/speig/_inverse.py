"""(A - sigma M)^-1 for operators that are no matrices, and what callers bring as such.

The library factors matrices. An operator of moderate order becomes one, by multiplying it with the
identity; for a larger one each product with the inverse is a GMRES solve of SciPy's, as in
scipy.sparse.linalg: slow, and no substitute for an OPinv.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Callable

import numpy as np

from ._operands import is_sparse, multiplier

# Order up to which a dense matrix is cheaper than iterations.
EXPAND = 2000


@dataclasses.dataclass
class Problem:
    """A x = lambda M x; everything has been through explicit()."""

    A: Any
    M: Any
    dtype: np.dtype
    n: int


def is_matrix(A: Any) -> bool:
    return A is None or is_sparse(A) or isinstance(A, np.ndarray)


def expanded(A: Any, n: int, dtype: np.dtype) -> Any:
    """A as a matrix, where it is not one and n is moderate."""
    if is_matrix(A) or n > EXPAND:
        return A
    return np.ascontiguousarray(multiplier(A)(np.eye(n, dtype=dtype)), dtype=dtype)


def iterative(A: Any, M: Any, sigma: complex, n: int, dtype: np.dtype,
              tol: float) -> Callable[[np.ndarray], np.ndarray]:
    """X -> (A - sigma M)^-1 X by GMRES; sigma 0 and M None: A^-1 X."""
    try:
        from scipy.sparse.linalg import LinearOperator, gmres
    except ImportError:
        raise NotImplementedError(
            "a shift needs matrices, or (A - sigma M)^-1 as OPinv, or SciPy for its GMRES") from None
    times, mass = multiplier(A), multiplier(M) if M is not None else lambda X: X

    def shifted(x: np.ndarray) -> np.ndarray:
        X = x.reshape(-1, 1)
        return (times(X) - sigma * mass(X)).reshape(-1) if sigma else times(X).reshape(-1)

    system = LinearOperator((n, n), matvec=shifted, dtype=dtype)
    least = 1000 * np.sqrt(n) * np.finfo(dtype).eps
    accuracy = max(tol, least)

    def solve(X: np.ndarray) -> np.ndarray:
        Y = np.empty(X.shape, np.result_type(X, dtype))
        for j, x in enumerate(X.T):
            scale = np.linalg.norm(x)
            if scale == 0:
                Y[:, j] = 0
                continue
            # The absolute tolerance has one name in all versions of SciPy, the relative one has not.
            y, failed = gmres(system, x / scale, atol=accuracy)
            if failed:
                raise ValueError(f"GMRES did not solve with A - sigma M to {accuracy:g} (returned "
                                 f"{failed}): give OPinv")
            Y[:, j] = scale * y
        return Y

    return solve


def invertible(problem: Problem, sigma: complex, wide: np.dtype, OPinv: Any,
               tol: float) -> tuple[Problem, Any]:
    """A problem that the library can factor, or one with an OPinv of type wide."""
    if OPinv is not None:
        return problem, OPinv
    n, dtype = problem.n, problem.dtype
    A, M = (expanded(thing, n, dtype) for thing in (problem.A, problem.M))
    if not (is_matrix(A) and is_matrix(M)):
        OPinv = iterative(A, M, sigma, n, wide, tol)
    return Problem(A, M, dtype, n), OPinv
