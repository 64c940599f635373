"""speig.eigs: SciPy's call on speig's solvers for general matrices."""

from __future__ import annotations

import operator
import os
import warnings
from ctypes import POINTER, byref
from typing import Any, Callable

import numpy as np

from . import _operands, _structs
from ._eigsh import check_counts, problem_of, refuse_all
from ._errors import ArpackNoConvergence, IllConditioned
from ._hermitian import Answer, Settings, block_of, enter, made, tolerance
from ._info import Info
from ._inverse import Problem, invertible
from ._library import lib
from ._operands import explicit, is_sparse, seed_of
from ._place import Place
from ._run import Iterations, Progress, Run
from ._structs import EIGS_WHICH as WHICH


def _read(result: Any, info: Info, values_only: bool) -> Answer:
    info.read_common(result)
    count, rest = int(result.k), int(result.unconverged)
    complex_type = np.result_type(_structs.DTYPES[result.dtype], np.complex64)
    info.residuals = _structs.doubles(result.residuals, count)
    info.relative_residuals = _structs.doubles(result.relative_residuals, count)
    info.error_bounds = _structs.doubles(result.error_bounds, count)
    info.norm_a, info.norm_m = float(result.norm_a), float(result.norm_b)
    info.unconverged_values = _structs.complexes(result.unconverged_values, rest)
    info.unconverged_residuals = _structs.doubles(result.unconverged_residuals, rest)
    info.extra.update(balanced=bool(result.balanced), infinite=int(result.infinite),
                      worst_condition=float(result.worst_condition), moved=float(result.moved))
    if result.conditions:
        info.extra["conditions"] = _structs.doubles(result.conditions, count)
        info.extra["left_residuals"] = _structs.doubles(result.left_residuals, count)
        info.extra["left"] = _structs.view(result.left).copy(order="F")
    vectors = np.zeros((int(result.n), 0), complex_type)
    if not values_only:
        vectors = _structs.view(result.vectors).copy(order="F")
    values = _structs.complexes(result.values, count).astype(complex_type)
    return Answer(values, vectors, info)


def _solve(problem: Problem, settings: Settings, info: Info, *, k: int, which: str, tol: float,
           rng: Any, guess: Any, ncv: int, left: bool, vectors: bool,
           sigma: complex | None = None, part: str | None = None, OPinv: Any = None,
           Minv: Any = None, watch: Callable[[Progress], Any] | None = None) -> Answer:
    opts = _structs.EigsOpts()
    lib.speig_eigs_opts_init(byref(opts))
    settings.apply(opts, _structs.METHODS)
    opts.k, opts.which, opts.tol, opts.ncv = k, WHICH.index(which), tol, ncv
    opts.seed, opts.left, opts.values_only = seed_of(rng), left, not vectors
    n, dtype = problem.n, problem.dtype
    wide = dtype
    place = Place.of(problem.A, problem.M, guess, OPinv, Minv, threads=settings.threads)
    if place is not None:
        enter(place, settings, opts)
    if sigma is not None:
        opts.has_sigma, opts.sigma = 1, (np.real(sigma), np.imag(sigma))
        opts.part = _structs.PART_IMAGINARY if (part or "r").lower() == "i" else _structs.PART_REAL
        wide = np.result_type(dtype, np.complex64) if np.imag(sigma) else dtype
        if dtype.kind == "c" or not np.imag(sigma):
            opts.part = _structs.PART_WHOLE
        if place is None:
            problem, OPinv = invertible(problem, sigma, wide, OPinv, tol)
    with Run() as run:
        a, b = (made(run, place, name, thing, dtype, n)
                for name, thing in (("A", problem.A), ("M", problem.M)))
        opts.op_inverse = made(run, place, "OPinv", OPinv, wide, n)
        opts.mass_inverse = made(run, place, "Minv", Minv, dtype, n)
        if left and _operands.is_operator(problem.A):
            adjoint = getattr(problem.A, "H", None)
            opts.adjoint = made(run, place, "the adjoint of A", adjoint, dtype, n)
        if guess is not None:
            opts.guess = block_of(run, place, "the start vector", guess, dtype, n)
        opts.progress = run.progress(watch, settings.progress)
        result = POINTER(_structs.EigsResult)()
        run.at_end(lambda: lib.speig_eigs_result_free(byref(result)))
        run.call(lib.speig_eigs, a, b, byref(opts), byref(result))
        answer = _read(result.contents, info, not vectors)
        answer.place = place
        return answer


def _all_pairs(A: Any, M: Any, problem: Problem, settings: Settings, info: Info,
               vectors: bool) -> Any:
    try:
        from scipy.linalg import eig
    except ImportError:
        settings.backend = "dense"
        answer = _solve(problem, settings, info, k=problem.n, which="LM", tol=0, rng=None,
                        guess=None, ncv=0, left=False, vectors=vectors)
        return (answer.values, answer.vectors) if vectors else answer.values
    info.outcome, info.reason, info.method = "certified", "converged", "dense"
    return eig(A, b=M.toarray() if is_sparse(M) else M, right=vectors)


def _warn_about_conditions(info: Info, dtype: Any) -> None:
    """Of such eigenvalues rounding leaves less than half of the digits."""
    eps = np.finfo(np.float64 if info.method == "dense" else dtype).eps
    worst, moved = info.extra["worst_condition"], info.extra["moved"]
    if worst > 1 / np.sqrt(eps):
        moved = worst * eps * info.norm_a if np.isnan(moved) else moved
        warnings.warn(f"small residuals mean little here: an eigenvalue has a condition of about "
                      f"{worst:.1e}, and rounding of the entries of A alone moves the values by "
                      f"about {moved:.1e}", IllConditioned, stacklevel=3)


def _finish(answer: Answer, vectors: bool, k: int, whole_pairs: bool) -> Any:
    info = answer.info
    if not info.complete:
        error = ArpackNoConvergence(
            f"No convergence ({info.iterations} iterations, {len(answer.values)}/{k} "
            "eigenvectors converged)", answer.values, answer.outward())
        error.info = info
        raise error
    count = len(answer.values) if whole_pairs else min(k, len(answer.values))
    if count < len(answer.values):
        answer = answer.ordered(np.arange(count), ("conditions", "left_residuals"), ("left",))
    return (answer.values, answer.outward()) if vectors else answer.values


def _check(problem: Problem, k: int, sigma: complex | None, which: str, ncv: int | None,
           maxiter: int | None, Minv: Any, OPinv: Any, OPpart: str | None) -> None:
    """What SciPy refuses is refused in its words."""
    if sigma is None:
        if OPinv is not None:
            raise ValueError("OPinv should not be specified with sigma = None.")
        if OPpart is not None:
            raise ValueError("OPpart should not be specified with sigma = None or complex A")
        if problem.M is None and Minv is not None:
            raise ValueError("Minv should not be specified with M = None.")
    else:
        if Minv is not None:
            raise ValueError("Minv should not be specified when sigma is specified.")
        if OPpart is not None and problem.dtype.kind == "c":
            raise ValueError("OPpart should not be specified with sigma=None or complex A")
        if OPpart is not None and OPpart.lower() not in ("r", "i"):
            raise ValueError("OPpart must be one of ('r','i')")
        if OPpart is not None and OPpart.lower() == "i" and np.imag(sigma) == 0:
            raise ValueError("OPpart cannot be 'i' if sigma is real")
    if which not in WHICH:
        raise ValueError(f"Parameter which must be one of {' '.join(WHICH)}")
    check_counts(problem.n, k, ncv, maxiter)
    if ncv is not None and ncv <= k + 1:
        raise ValueError(f"ncv must be k+1<ncv<=n, ncv={ncv}")


def eigs(A: Any, k: int = 6, M: Any = None, sigma: complex | None = None, which: str = "LM",
         v0: Any = None, ncv: int | None = None, maxiter: int | None = None, tol: float = 0,
         return_eigenvectors: bool = True, Minv: Any = None, OPinv: Any = None,
         OPpart: str | None = None, rng: Any = None, *, backend: str = "auto",
         device: str = "auto", certify: str = "auto", left: bool = False,
         whole_pairs: bool = False, progress: Callable[[Progress], Any] | None = None,
         info: Info | None = None, time_limit: float | None = None, threads: int | None = None,
         memory: int | None = None, checkpoint: str | os.PathLike[str] | None = None,
         resume: str | os.PathLike[str] | None = None) -> Any:
    """A few eigenvalues and eigenvectors of any square matrix.

    Solves ``A x = w x`` or ``A x = w M x``. The arguments up to `rng` mean what they mean in
    `scipy.sparse.linalg.eigs`; `tol`, `rng` and those after it are as in `speig.eigsh`, except:

    Parameters
    ----------
    which : {'LM', 'SM', 'LR', 'SR', 'LI', 'SI'}
        Largest or smallest magnitude, real part, or imaginary part (of a real matrix the magnitude
        of the imaginary part). With sigma it ranks 1 / (w - sigma), so that LM are the nearest.
    sigma : float or complex
        Shift. A and M are factored where they are matrices or of moderate order; else give OPinv,
        or wait for SciPy's GMRES.
    backend : {'auto', 'dense', 'krylov-schur'}
    left : bool
        Compute left vectors and condition numbers too: ``info.extra['left']``,
        ``info.extra['conditions']``. A condition number says how far a perturbation of norm 1
        moves the eigenvalue; where it is large, a small residual means little. The largest
        one as far as it is known without left vectors is ``info.extra['worst_condition']``, and
        above 1 / sqrt(eps) comes a warning (`speig.IllConditioned`).
    whole_pairs : bool
        When a conjugate pair of a real matrix lies across the cut after k, return both members
        (k + 1 values) rather than k values, as SciPy does.

    Returns
    -------
    w : array of k values, complex, best first in the sense of `which`
    v : n x k array, columns of length 1

    Raises
    ------
    ArpackNoConvergence
        Fewer than k were found: `eigenvalues`, `eigenvectors` and `info` hold what was.

    Examples
    --------
    >>> import numpy as np, speig
    >>> A = np.diag(np.arange(1.0, 51.0)) + np.diag(np.ones(49), 1)
    >>> w, v = speig.eigs(A, k=3)
    >>> print(w.real.round(8))
    [50. 49. 48.]
    >>> bool(np.allclose(A @ v, v * w))
    True
    """
    given = A, M
    A, M, Minv, OPinv = map(explicit, (A, M, Minv, OPinv))
    info = Info() if info is None else info
    settings = Settings(backend, device, certify, progress, time_limit, threads, memory,
                        checkpoint, resume)
    v0 = _operands.explicit_array(v0)
    problem = problem_of(A, M, v0, Minv, OPinv)
    k = operator.index(k)
    if k <= 0:
        raise ValueError(f"k={k} must be greater than 0.")
    if k >= problem.n - 1:
        refuse_all(*given, "N - 1", "eig")
        return _all_pairs(A, M, problem, settings, info, return_eigenvectors)
    _check(problem, k, sigma, which, ncv, maxiter, Minv, OPinv, OPpart)
    if problem.dtype.kind != "c" and np.imag(sigma or 0) == 0 and sigma is not None:
        sigma = float(np.real(sigma))
    if backend == "auto" and (ncv or (maxiter is not None and maxiter < 10 * problem.n)):
        settings.backend = "krylov-schur"
        ncv = ncv or min(problem.n, max(2 * k + 1, 20))
    answer = _solve(problem, settings, info, k=k, which=which, tol=tolerance(tol), rng=rng,
                    guess=v0, ncv=ncv or 0, left=left, vectors=return_eigenvectors, sigma=sigma,
                    part=OPpart, OPinv=OPinv, Minv=Minv, watch=Iterations(maxiter))
    _warn_about_conditions(info, problem.dtype)
    return _finish(answer, return_eigenvectors, k, whole_pairs)


