"""speig.eigsh: SciPy's call on speig's solvers."""

from __future__ import annotations

import operator
import os
import warnings
from typing import Any, Callable

import numpy as np

from . import _operands
from ._device import DeviceArray
from ._errors import ArpackNoConvergence
from ._hermitian import Answer, Settings, solve, tolerance
from ._info import Info
from ._inverse import Problem
from ._operands import explicit, is_operator, is_sparse, shape_of
from ._run import Iterations, Progress
from ._structs import MODES, WHICH


def order_of(A: Any, *others: Any) -> int:
    """n of a square A; of a plain function, what the other arguments tell."""
    for thing in (A,) + others:
        shape = shape_of(thing)
        if shape:
            if thing is A and (len(shape) != 2 or shape[0] != shape[1]):
                raise ValueError(f"expected square matrix (shape={shape})")
            return shape[0]
    raise TypeError("A is a function, so its order must be told by v0, or by wrapping it in a "
                    "LinearOperator")


def _stated_dtype(A: Any, v0: Any, n: int) -> np.dtype:
    """Of a function that tells no type: that of its products, and in device memory v0's."""
    if isinstance(v0, DeviceArray) and getattr(A, "dtype", None) is None:
        return v0.dtype
    return _operands.dtype_of(A, lambda: np.ones((n, 1)))


def problem_of(A: Any, M: Any, v0: Any, *others: Any) -> Problem:
    """Checks shapes and types as SciPy does."""
    n = order_of(A, M, v0, *others)
    M_shape = shape_of(M)
    if M_shape is not None and M_shape != (n, n):
        raise ValueError(f"wrong M dimensions {M_shape}, should be {(n, n)}")
    stated = _stated_dtype(A, v0, n)
    dtype = _operands.working(stated)
    if M is not None:
        M_stated = _stated_dtype(M, v0, n)
        if M_stated.char.lower() != stated.char.lower():
            warnings.warn("M does not have the same type precision as A. This may adversely "
                          "affect the result, which has that of A", stacklevel=4)
        if M_stated.kind == "c":
            dtype = np.result_type(dtype, np.complex64)
    return Problem(A, M, dtype, n)


def check_counts(n: int, k: int, ncv: int | None, maxiter: int | None) -> None:
    if maxiter is not None and maxiter <= 0:
        raise ValueError(f"maxiter must be positive, maxiter={maxiter}")
    if ncv is not None and not k < min(ncv, n):
        raise ValueError(f"ncv must be k<ncv<=n, ncv={ncv}")


def refuse_all(A: Any, M: Any, bound: str, function: str) -> None:
    """As many pairs as the matrix has, or nearly: SciPy leaves that to LAPACK, dense ones only."""
    name = f"scipy.linalg.{function}"
    _operands.host_only(f"{name}, which finds all of them,", A, M)
    warnings.warn(f"k >= {bound} for N * N square matrix. Attempting to use {name} instead.",
                  RuntimeWarning, stacklevel=3)
    if is_sparse(A):
        raise TypeError(f"Cannot use {name} for sparse A with k >= {bound}. "
                        f"Use {name}(A.toarray()) or reduce k.")
    for letter, thing in (("A", A), ("M", M)):
        if is_operator(thing) or callable(thing):
            raise TypeError(f"Cannot use {name} for LinearOperator {letter} with k >= {bound}.")


def _all_pairs(A: Any, M: Any, problem: Problem, settings: Settings, info: Info,
               vectors: bool) -> Any:
    try:
        from scipy.linalg import eigh
    except ImportError:
        answer = solve(problem, settings, info, k=problem.n, which="SA", tol=0, vectors=vectors)
        return finish(answer, "SA", True, problem.n, vectors)
    info.outcome, info.reason, info.method = "certified", "converged", "dense"
    return eigh(A, b=M.toarray() if is_sparse(M) else M, eigvals_only=not vectors)


def _order(values: np.ndarray, which: str, ascending: bool) -> np.ndarray:
    """Ascending; without vectors and shift SciPy sorts LM and SA by magnitude, SM by falling
    magnitude."""
    if ascending or which in ("LA", "BE"):
        return np.arange(len(values))
    rank = np.argsort(np.abs(values), kind="stable")
    return rank[::-1] if which == "SM" else rank


def finish(answer: Answer, which: str, ascending: bool, wanted: int, vectors: bool) -> Any:
    """What the caller gets, or the exception that carries what there is of it."""
    info = answer.info
    if not info.complete:
        error = ArpackNoConvergence(
            f"No convergence ({info.iterations} iterations, {len(answer.values)}/{wanted} "
            "eigenvectors converged)", answer.values, answer.outward())
        error.info = info
        raise error
    answer = answer.ordered(_order(answer.values, which, ascending))
    return (answer.values, answer.outward()) if vectors else answer.values


def eigsh(A: Any, k: int = 6, M: Any = None, sigma: float | None = None, which: str = "LM",
          v0: Any = None, ncv: int | None = None, maxiter: int | None = None, tol: float = 0,
          return_eigenvectors: bool = True, Minv: Any = None, OPinv: Any = None,
          mode: str = "normal", rng: Any = None, *, backend: str = "auto", device: str = "auto",
          certify: str = "auto", precond: Any = None,
          progress: Callable[[Progress], Any] | None = None, info: Info | None = None,
          time_limit: float | None = None, threads: int | None = None,
          memory: int | None = None, checkpoint: str | os.PathLike[str] | None = None,
          resume: str | os.PathLike[str] | None = None,
          interval: tuple[float, float] | None = None) -> Any:
    """A few eigenvalues and eigenvectors of a symmetric or Hermitian matrix.

    Solves ``A x = w x`` or ``A x = w M x``. The arguments up to `rng`
    mean what they mean in `scipy.sparse.linalg.eigsh`.

    Parameters
    ----------
    A : sparse matrix, array, LinearOperator or function
        Real symmetric or complex Hermitian. A sparse or dense matrix is checked: one that is not
        Hermitian is refused (ValueError). CSR and C-ordered arrays are used without a copy of
        their values. A function maps an n x p array to A times it.
    k : int
        Eigenvalues wanted, less than n.
    M : as A
        Positive definite; semidefinite with sigma; in mode 'buckling' any Hermitian matrix, while
        A is positive definite.
    sigma : float
        Shift: eigenvalues near it are found by factoring A - sigma M, where these are matrices or
        of moderate order. `which` then ranks the transformed values: 1 / (w - sigma), or
        w / (w - sigma) in mode 'buckling', (w + sigma) / (w - sigma) in mode 'cayley'.
    Minv, OPinv : as A
        M^-1, and (A - sigma M)^-1, where the caller has them.
    which : {'LM', 'SM', 'LA', 'SA', 'BE'}
        Largest or smallest magnitude, largest or smallest, or half from both ends.
    v0 : array
        Start vector, or n x g array of several.
    ncv, maxiter : int
        Size of the Krylov basis, and restarts (or iterations) before giving up. Given, they mean
        that an iterative method is wanted, a maxiter above 10 n excepted.
    tol : float
        A pair is accepted when ``||A x - w M x|| <= tol (||A|| + |w| ||M||)`` with ``x`` of M-norm
        1; 0: as far as the precision allows.
    return_eigenvectors : bool
        False: only the values, ordered as SciPy orders them.
    rng : None, int, numpy.random.Generator
        Start of random numbers. None is always the same: equal calls give equal bits.
    backend : {'auto', 'dense', 'lanczos', 'lobpcg'}
    device : {'auto', 'host', 'cuda', 'reference'}
    certify : {'auto', 'always', 'never'}
        Whether to look for eigenvalues that were missed.
    precond : as A
        About the inverse of A; 'lobpcg' uses it.
    progress : function
        Called with a `Progress` once per restart; return true to stop.
    info : Info
        Filled in with residuals, outcome and what did not converge.
    time_limit, threads, memory :
        Seconds, threads (all), bytes (no limit).
    interval : (float, float)
        All eigenvalues from the first to the second are wanted, both included, infinite ones
        allowed; `k` and `which` do not count then, and sigma, v0, ncv, maxiter, Minv, OPinv and
        precond do not go with it.
    checkpoint, resume : path
        A file that the solve can be gone on with from, written now and then and at its end, also
        when it was cut off; and such a file to go on from. See docs/resume-and-logs.md.

    Returns
    -------
    w : array of k values, ascending with vectors
    v : n x k array, M-orthonormal

    Raises
    ------
    ArpackNoConvergence
        Fewer than k were found: `eigenvalues`, `eigenvectors` and `info` hold what was.

    Examples
    --------
    >>> import numpy as np, speig
    >>> A = np.diag(np.arange(1.0, 101.0))
    >>> w, v = speig.eigsh(A, k=3, which='LA')
    >>> print(w.round(10))
    [ 98.  99. 100.]

    >>> info = speig.Info()
    >>> w = speig.eigsh(A, k=2, which='SA', return_eigenvectors=False, info=info)
    >>> info.outcome, bool(info.residuals.max() < 1e-12)
    ('certified', True)
    """
    given = A, M
    A, M, Minv, OPinv, precond = map(explicit, (A, M, Minv, OPinv, precond))
    v0 = _operands.explicit_array(v0)
    info = Info() if info is None else info
    settings = Settings(backend, device, certify, progress, time_limit, threads, memory,
                        checkpoint, resume)
    problem = problem_of(A, M, v0, Minv, OPinv)
    if interval is not None:
        return _within(problem, settings, info, interval, tolerance(tol), rng,
                       return_eigenvectors, sigma=sigma, v0=v0, ncv=ncv, maxiter=maxiter,
                       Minv=Minv, OPinv=OPinv, precond=precond)
    k = operator.index(k)
    if k <= 0:
        raise ValueError("k must be greater than 0.")
    if k >= problem.n:
        refuse_all(*given, "N", "eigh")
        return _all_pairs(A, M, problem, settings, info, return_eigenvectors)
    _check(problem, k, sigma, which, ncv, maxiter, Minv, OPinv, mode)
    sigma = None if sigma is None else _real(sigma)
    if sigma is not None and mode == "buckling" and M is None:
        problem.M = _operands.Identity(problem.n, problem.dtype)
    if maxiter is not None and maxiter < 10 * problem.n and backend == "auto":
        settings.backend = "lanczos"
    limit = Iterations(maxiter)
    answer = solve(problem, settings, info, k=k, which=which, tol=tolerance(tol), rng=rng,
                   guess=v0, precond=precond, ncv=ncv or 0, sigma=sigma, mode=mode, OPinv=OPinv,
                   Minv=Minv, vectors=return_eigenvectors, watch=limit)
    return finish(answer, which, return_eigenvectors or sigma is not None, k,
                  return_eigenvectors)


def _within(problem: Problem, settings: Settings, info: Info, interval: tuple[float, float],
            tol: float, rng: Any, vectors: bool, **others: Any) -> Any:
    """All eigenvalues in an interval."""
    for name, given in others.items():
        if given is not None:
            raise ValueError(f"{name} does not go with an interval")
    try:
        low, high = (float(end) for end in interval)
    except (TypeError, ValueError):
        raise ValueError(f"interval is {interval!r}, two real numbers needed") from None
    answer = solve(problem, settings, info, k=1, which="SA", tol=tol, rng=rng, vectors=vectors,
                   interval=(low, high))
    return finish(answer, "SA", True, info.extra["wanted"], vectors)


def _real(sigma: Any) -> float:
    if np.imag(sigma) != 0:
        raise ValueError(f"sigma is {sigma}, a real number needed: all eigenvalues are real")
    return float(np.real(sigma))


def _check(problem: Problem, k: int, sigma: float | None, which: str, ncv: int | None,
           maxiter: int | None, Minv: Any, OPinv: Any, mode: str) -> None:
    """What SciPy refuses is refused in its words."""
    if sigma is None:
        if OPinv is not None:
            raise ValueError("OPinv should not be specified with sigma = None.")
        if problem.M is None and Minv is not None:
            raise ValueError("Minv should not be specified with M = None.")
    else:
        if Minv is not None:
            raise ValueError("Minv should not be specified when sigma is specified.")
        if mode not in MODES:
            raise ValueError(f"unrecognized mode '{mode}'")
    if which not in WHICH:
        raise ValueError(f"which must be one of {' '.join(WHICH)}")
    check_counts(problem.n, k, ncv, maxiter)


