"""speig.svds: SciPy's call on speig's Golub-Kahan-Lanczos."""

from __future__ import annotations

import os
import warnings
from ctypes import POINTER, byref
from typing import Any, Callable, Tuple

import numpy as np

from . import _operands, _structs
from ._device import DeviceArray, DeviceCsr
from ._errors import ArpackNoConvergence
from ._hermitian import Settings, block_of, enter, tolerance
from ._info import Info
from ._library import lib
from ._operands import explicit, is_sparse, seed_of
from ._place import Place
from ._run import Iterations, Progress, Run

GIVEN_UP = ("max_matvecs", "breakdown")
# A looser tolerance is met by approximations to other values than those wanted; SciPy's solvers
# return good ones all the same, because their first basis is long.
LOOSEST = 1e-4
# Where SciPy's older name of rng is not given, as told from None.
NOT_GIVEN: Any = type("NotGiven", (), {"__repr__": lambda self: "<not given>"})()
SOLVERS = {"arpack", "lobpcg", "propack"}
VECTORS = {True: _structs.SVDS_BOTH, False: _structs.SVDS_NONE, "u": _structs.SVDS_LEFT,
           "vh": _structs.SVDS_RIGHT}


def _takes_integers() -> bool:
    """SciPy's svds refuses integers before 1.15; speig's does as the SciPy beside it."""
    try:
        from scipy import __version__
    except ImportError:
        return True
    return tuple(map(int, __version__.split(".")[:2])) >= (1, 15)


def _dtype_of(A: Any, v0: Any) -> np.dtype:
    """What A says; else that of its products, and in device memory v0's."""
    if isinstance(v0, DeviceArray) and getattr(A, "dtype", None) is None:
        return v0.dtype
    return _operands.dtype_of(A, lambda: np.ones((A.shape[1], 1)))


def _matrix(A: Any, v0: Any) -> Any:
    if isinstance(A, (str, bytes)):
        raise TypeError("type not understood")
    A = explicit(A)
    if isinstance(A, np.ndarray):
        if A.ndim > 2:
            raise ValueError("array must have ndim <= 2")
        A = np.atleast_2d(A)
    elif isinstance(A, DeviceArray):
        if A.ndim != 2:
            raise ValueError(f"A has shape {A.shape}, two dimensions needed")
    elif not isinstance(A, DeviceCsr) and not is_sparse(A) and not _operands.is_operator(A):
        raise TypeError("type not understood")
    dtype = _dtype_of(A, v0)
    if not np.issubdtype(dtype, np.number):
        raise ValueError("`A` must be of numeric data type.")
    if not np.issubdtype(dtype, np.inexact) and not _takes_integers():
        raise ValueError("`A` must be of floating or complex floating data type.")
    if 0 in A.shape:
        raise ValueError("`A` must not be empty.")
    return A


def _check(shape: tuple[int, ...], k: Any, ncv: Any, tol: Any, which: Any, v0: Any, maxiter: Any,
           vectors: Any, solver: str) -> tuple[int, int, float, str, Any, int | None]:
    """SciPy's checks, in its order and words."""
    least = min(shape)
    if int(k) != k or not 0 < k <= (least if solver == "propack" else least - 1):
        raise ValueError("`k` must be an integer satisfying `0 < k < min(A.shape)`.")
    if solver != "arpack":
        ncv = None
    if ncv is not None and (int(ncv) != ncv or not k < ncv < least):
        raise ValueError("`ncv` must be an integer satisfying `k < ncv < min(A.shape)`.")
    if tol < 0 or not np.isfinite(tol):
        raise ValueError("`tol` must be a non-negative floating point value.")
    which = str(which).upper()
    if which not in ("LM", "SM"):
        raise ValueError("`which` must be in {'LM', 'SM'}.")
    if v0 is not None:
        v0 = v0 if isinstance(v0, DeviceArray) else np.atleast_1d(v0)
        if v0.dtype.kind not in "fc":
            raise ValueError("`v0` must be of floating or complex floating data type.")
        wanted = (shape[0] if solver == "propack" else least,)
        if v0.shape != wanted:
            raise ValueError(f"`v0` must have shape {wanted}.")
    if maxiter is not None and (int(maxiter) != maxiter or maxiter <= 0):
        raise ValueError("`maxiter` must be a positive integer.")
    if not isinstance(vectors, (bool, str)) or vectors not in VECTORS:
        raise ValueError(f"`return_singular_vectors` must be in {set(VECTORS)}.")
    return (int(k), int(ncv or 0), float(tol), which, v0,
            None if maxiter is None else int(maxiter))


Triplets = Tuple[np.ndarray, Any, Any]  # s, u, v: v not yet conjugated and turned


def _vectors(block: _structs.Block, order: np.ndarray, place: Place | None) -> Any:
    """The columns of a result's vectors in that order; None where they were not wanted."""
    if not block.data:
        return None
    if place is None or block.device != _structs.CUDA:
        return _structs.view(block)[:, order]
    X = place.result(block, None)
    return place.gathered([(X, int(j)) for j in order], X.shape[0], X.dtype)


def _read(result: Any, info: Info, place: Place | None) -> Triplets:
    """What was found, ascending; what was not is in info."""
    info.read_common(result)
    count, rest = int(result.k), int(result.unconverged)
    dtype = _structs.DTYPES[result.dtype]
    real = dtype.type(0).real.dtype
    s = _structs.doubles(result.values, count).astype(real)
    order = np.argsort(s, kind="stable")
    info.residuals = _structs.doubles(result.residuals, count)[order]
    info.relative_residuals = _structs.doubles(result.relative_residuals, count)[order]
    info.error_bounds = _structs.doubles(result.error_bounds, count)[order]
    info.extra["adjoint_residuals"] = _structs.doubles(result.adjoint_residuals, count)[order]
    info.orthogonality, info.norm_a = float(result.orthogonality), float(result.norm)
    info.unconverged_values = _structs.doubles(result.unconverged_values, rest).astype(real)
    info.unconverged_residuals = _structs.doubles(result.unconverged_residuals, rest)
    info.unconverged_vectors = _structs.view(result.unconverged_right).copy(order="F")
    info.extra["unconverged_left"] = _structs.view(result.unconverged_left).copy(order="F")
    info.matvecs += int(result.adjoint_matvecs)
    u, v = (_vectors(block, order, place) for block in (result.left, result.right))
    return s[order], u, v


def _with_the_rest(found: Triplets, info: Info, k: int, place: Place | None) -> Triplets:
    """The best k approximations, converged or not."""
    s, u, v = found
    count = len(s)
    rest = slice(0, k - count)
    values = np.concatenate([s, info.unconverged_values[rest]])
    order = np.argsort(values, kind="stable")
    info.residuals = np.concatenate([info.residuals, info.unconverged_residuals[rest]])[order]

    def together(X: Any, more: np.ndarray) -> Any:
        if X is None or place is None:
            return None if X is None else np.concatenate([X, more[:, rest]], axis=1)[:, order]
        columns = [(X, j) for j in range(count)] + [(more, j) for j in range(k - count)]
        return place.gathered([columns[j] for j in order], more.shape[0], more.dtype)

    return (values[order], together(u, info.extra["unconverged_left"]),
            together(v, info.unconverged_vectors))


def svds(A: Any, k: int = 6, ncv: int | None = None, tol: float = 0, which: str = "LM",
         v0: Any = None, maxiter: int | None = None, return_singular_vectors: Any = True,
         solver: str = "arpack", rng: Any = None, options: Any = None, *, random_state: Any = NOT_GIVEN,
         backend: str = "auto", device: str = "auto", certify: str = "auto",
         progress: Callable[[Progress], Any] | None = None, info: Info | None = None,
         time_limit: float | None = None, threads: int | None = None,
         memory: int | None = None, checkpoint: str | os.PathLike[str] | None = None,
         resume: str | os.PathLike[str] | None = None) -> Any:
    """A few singular values and vectors of any matrix.

    The arguments up to `options` mean what they mean in `scipy.sparse.linalg.svds`.

    Parameters
    ----------
    A : sparse matrix, array or LinearOperator
        A LinearOperator needs matvec and rmatvec, or matmat and rmatmat. With A or v0 in device
        memory the work is done there, and u and vh are arrays of the same kind.
    which : {'LM', 'SM'}
        Largest or smallest.
    ncv, v0, maxiter, rng :
        Size of the bases, start vector, restarts, seed: they ask for the iterative method, a
        maxiter above 10 min(A.shape) excepted. As SciPy counts, maxiter is the number of
        bidiagonalisation steps with solver='propack', and of iterations with a block of k columns
        with solver='lobpcg', which warns when they do not do and returns what there is.
    tol : float
        As in SciPy, whose solvers judge ``A^H A`` by ``tol**2``: both residuals, ``||A v - s u||``
        and ``||A^H u - s v||``, are at most ``tol**2 (||A|| + s)``. 0, and what has a square below
        it: as far as the precision allows; above 1e-2: as 1e-2.
    return_singular_vectors : {True, False, 'u', 'vh'}
        What is computed; the other vectors are None.
    solver : {'arpack', 'lobpcg', 'propack'}
        Taken for SciPy's sake: decides which arguments are allowed (all min(A.shape) values with
        'propack'). The method is chosen by `backend`: 'auto', 'dense' or 'golub-kahan'.
    random_state :
        The older name of `rng`. Given as None it means NumPy's global generator, as in SciPy.
    options :
        Not used, as in SciPy.

    See `speig.eigsh` for the arguments after `random_state`. In `info`, residuals are
    ``||A v - s u||``, and ``extra['adjoint_residuals']`` the others; vectors of what did not
    converge are `unconverged_vectors` (right) and ``extra['unconverged_left']``.

    Returns
    -------
    u, s, vh : s ascending; only s with return_singular_vectors=False

    Examples
    --------
    >>> import numpy as np, speig
    >>> A = np.diag(np.arange(1.0, 31.0))[:, :20]
    >>> u, s, vh = speig.svds(A, k=3)
    >>> print(s.round(8))
    [18. 19. 20.]
    >>> bool(np.allclose(A @ vh.T, u * s))
    True
    """
    solver = str(solver).lower()
    if solver not in SOLVERS:
        raise ValueError(f"solver must be one of {SOLVERS}.")
    v0 = _operands.explicit_array(v0)
    A = _matrix(A, v0)
    place = Place.of(A, v0, threads=threads)
    k, ncv, tol, which, v0, maxiter = _check(A.shape, k, ncv, tol, which, v0, maxiter,
                                             return_singular_vectors, solver)
    info = Info() if info is None else info
    settings = Settings(backend, device, certify, progress, time_limit, threads, memory,
                        checkpoint, resume)
    least = min(A.shape)
    if random_state is not NOT_GIVEN and rng is None:
        rng = np.random.mtrand._rand if random_state is None else random_state
    if backend == "auto" and (ncv or v0 is not None or rng is not None or
                              (maxiter is not None and maxiter < 10 * least)):
        settings.backend = "golub-kahan"
    if solver == "lobpcg" and least < 5 * k:
        warnings.warn(f"The problem size {least} is too small relative to the block size {k}. "
                      "Using a dense solver instead of LOBPCG iterations.", UserWarning,
                      stacklevel=2)
        settings.backend = "dense" if backend == "auto" else backend
    arguments = dict(k=k, which=which, tol=tolerance(min(tol**2, LOOSEST)), v0=v0, rng=rng,
                     vectors=VECTORS[return_singular_vectors],
                     limits=_limits(solver, k, maxiter, settings.backend))
    found = _solve(A, place, settings, info, ncv=ncv, **arguments)
    if not info.complete and ncv and backend == "auto" and info.reason in GIVEN_UP:
        # So small a basis was too small.
        settings.backend = "auto"
        found = _solve(A, place, settings, info, ncv=0, **arguments)
    if not info.complete:
        found = _incomplete(solver, info, k, maxiter, found, place)
    s, u, v = found
    if place is not None:
        u = None if u is None else place.outward(u)
        vh = None if v is None else place.adjoint(v)
    else:
        vh = None if v is None else v.conj().T
    return (u, s, vh) if return_singular_vectors else s


def _limits(solver: str, k: int, maxiter: int | None, backend: str) -> tuple[int | None, int]:
    """Restarts and products at most, as solver counts maxiter; 0 products: chosen."""
    if maxiter is None or solver == "arpack":
        return maxiter, 0
    if backend == "dense":
        return None, 0
    return None, 2 * maxiter if solver == "propack" else 2 * k * (maxiter + 1)


def _incomplete(solver: str, info: Info, k: int, maxiter: int | None, found: Triplets,
                place: Place | None) -> Triplets:
    """As each of SciPy's solvers does when it does not find k."""
    count = len(found[0])
    if solver == "lobpcg" and count + len(info.unconverged_values) >= k:
        found = _with_the_rest(found, info, k, place)
        warnings.warn(f"Exited at iteration {maxiter or info.iterations} with accuracies \n"
                      f"{info.residuals}\nnot reaching the requested tolerance {info.tol}.",
                      UserWarning, stacklevel=3)
        return found
    if solver == "propack":
        error: Exception = np.linalg.LinAlgError(
            f"k={k} singular triplets did not converge within {info.iterations} iterations")
    else:
        error = ArpackNoConvergence(f"No convergence ({info.iterations} iterations, {count}/{k} "
                                    "singular values converged)", found[0],
                                    found[1] if place is None else place.outward(found[1]))
    error.info = info  # type: ignore[attr-defined]
    raise error


def _solve(A: Any, place: Place | None, settings: Settings, info: Info, *, k: int, which: str,
           tol: float, ncv: int, v0: Any, rng: Any, vectors: int,
           limits: tuple[int | None, int]) -> Triplets:
    dtype = _operands.working(_dtype_of(A, v0))
    opts = _structs.SvdsOpts()
    lib.speig_svds_opts_init(byref(opts))
    settings.apply(opts, _structs.METHODS)
    opts.k, opts.which, opts.tol, opts.ncv = k, _structs.WHICH.index(which), tol, ncv
    opts.seed, opts.vectors, opts.max_matvecs = seed_of(rng), vectors, limits[1]
    if place is not None:
        enter(place, settings, opts)
        opts.vectors_on = _structs.CUDA
    with Run() as run:
        there = None if place is None else place.rectangular(run, A, dtype)
        a = there or _operands.rectangular(run, A, dtype)
        if v0 is not None:
            opts.guess = block_of(run, place, "v0", v0, dtype, v0.shape[0])
        opts.progress = run.progress(Iterations(limits[0]), settings.progress)
        result = POINTER(_structs.SvdsResult)()
        run.at_end(lambda: lib.speig_svds_result_free(byref(result)))
        run.call(lib.speig_svds, a, byref(opts), byref(result))
        return _read(result.contents, info, place)
