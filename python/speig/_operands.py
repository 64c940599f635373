"""Whatever a caller multiplies by, as an operator of libspeig.

A sparse matrix in CSR and a dense one in C order are used where they lie, without a copy of their
values. Other formats are converted. Whatever has matmat, matvec or can be called is multiplied by
through a callback.
"""

from __future__ import annotations

from ctypes import byref, c_void_p
from typing import Any, Callable

import numpy as np

from . import _device, _errors, _structs
from ._library import lib
from ._run import Run

# Order up to which a dense matrix is handed over entry by entry, so that it can be checked and
# factored; beyond that BLAS multiplies by it, unless a factorization is wanted.
DENSE_AS_CSR = 4096
# A dense array with fewer nonzeros than this is sparse in disguise.
SPARSE_DENSITY = 0.3


# ---- what is it? ----

def is_sparse(A: Any) -> bool:
    return hasattr(A, "tocsr") and hasattr(A, "shape")


def is_operator(A: Any) -> bool:
    """A LinearOperator of SciPy, or anything with a shape that can multiply as one does."""
    return not is_sparse(A) and (hasattr(A, "matvec") or hasattr(A, "matmat"))


def explicit(A: Any) -> Any:
    """A sparse matrix or array (list, np.matrix ...) as such, other things as they are. A
    LinearOperator that was made from a matrix becomes that matrix again, and what is in device
    memory a view of it."""
    if A is None or isinstance(A, np.ndarray):
        return A
    if _device.is_device_thing(A):
        return _device.explicit(A)
    if is_sparse(A):
        return A
    if type(A).__name__ == "MatrixLinearOperator":
        return explicit(A.A)
    if is_operator(A) or callable(A):
        return A
    return np.asarray(A)


def explicit_array(X: Any) -> Any:
    """Vectors in device memory as a view of them, others as they are."""
    return _device.array(X) if _device.is_device_array(X) else X


def host_only(function: str, *things: Any) -> None:
    """Refuses arrays in device memory."""
    if any(_device.is_device_thing(thing) for thing in things):
        raise NotImplementedError(
            f"{function} does not take arrays in device memory: hand over host arrays, for example "
            "A.get() or A.cpu().numpy(), and device='cuda' to solve there")


def shape_of(A: Any) -> tuple[int, ...] | None:
    shape = getattr(A, "shape", None)
    return None if shape is None else tuple(int(size) for size in shape)


def dtype_of(A: Any, probe: Callable[[], np.ndarray] | None = None) -> np.dtype:
    """The type of A's entries or products; probe gives a vector to try a product with when A does
    not say it."""
    dtype = getattr(A, "dtype", None)
    if dtype is None and probe is not None:
        x = probe()
        dtype = np.asarray(multiplier(A)(x)).dtype
    return np.dtype(dtype if dtype is not None else np.float64)


def working(dtype: Any) -> np.dtype:
    """The type to compute in: as it is for the four that the library has, the next wider one of
    them for others (integers, booleans, half precision); extended precision becomes double."""
    dtype = np.dtype(dtype)
    if dtype in _structs.CODES:
        return dtype
    if dtype.kind == "f":
        return np.dtype(np.float32 if dtype.itemsize < 4 else np.float64)
    if dtype.kind == "c":
        return np.dtype(np.complex128)
    if dtype.kind in "biu":
        return np.dtype(np.float64)
    raise ValueError(f"matrix type must be 'f', 'd', 'F', or 'D', not {dtype}")


class Identity:
    """The identity, as much of a scipy.sparse matrix as is needed here."""

    format, has_canonical_format = "csr", True

    def __init__(self, n: int, dtype: np.dtype) -> None:
        self.shape, self.dtype = (n, n), dtype
        self.data = np.ones(n, dtype)
        self.indices, self.indptr = np.arange(n, dtype=np.int32), np.arange(n + 1)

    def tocsr(self) -> Identity:
        return self

    def __matmul__(self, X: np.ndarray) -> np.ndarray:
        return X


# ---- products ----

def has_block(A: Any, name: str) -> bool:
    """Whether A multiplies blocks by itself (matmat, rmatmat), rather than by SciPy's loop over
    columns that are still two-dimensional, which functions written for vectors do not expect."""
    if not hasattr(A, name):
        return False
    if type(A).__name__ == "_CustomLinearOperator":
        return getattr(A, f"_CustomLinearOperator__{name}_impl", None) is not None
    base = next((c for c in type(A).__mro__ if c.__name__ == "LinearOperator"), None)
    return base is None or getattr(type(A), "_" + name) is not getattr(base, "_" + name)


def by_columns(matvec: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], np.ndarray]:
    def multiply(X: np.ndarray) -> np.ndarray:
        return np.stack([np.asarray(matvec(x.copy())).reshape(-1) for x in X.T], axis=1)
    return multiply


def multiplier(A: Any) -> Callable[[np.ndarray], np.ndarray]:
    """A function from n x p arrays to products with A."""
    if is_sparse(A) or isinstance(A, np.ndarray):
        return lambda X: A @ X
    if has_block(A, "matmat"):
        return A.matmat
    if hasattr(A, "matvec"):
        return by_columns(A.matvec)
    return A


def adjoint_multiplier(A: Any) -> Callable[[np.ndarray], np.ndarray]:
    """The same for products with A^H."""
    if is_sparse(A) or isinstance(A, np.ndarray):
        adjoint = A.conj().T
        return lambda X: adjoint @ X
    if has_block(A, "rmatmat"):
        return A.rmatmat
    if hasattr(A, "rmatvec"):
        return by_columns(A.rmatvec)
    raise TypeError("singular values need products with the adjoint: give A a rmatvec or rmatmat")


def checked(name: str, multiply: Callable[[np.ndarray], Any], dtype: np.dtype,
            rows: int) -> Callable[[np.ndarray], np.ndarray]:
    """multiply, with a result of the wrong shape or type told rather than broadcast or cut."""
    def product(X: np.ndarray) -> np.ndarray:
        Y = np.asarray(multiply(X))
        if Y.shape != (rows, X.shape[1]):
            raise ValueError(f"the product of {name} with an array of shape {X.shape} has shape "
                             f"{Y.shape}, ({rows}, {X.shape[1]}) needed")
        if Y.dtype.kind == "c" and dtype.kind != "c":
            if np.any(Y.imag):
                raise TypeError(f"a product of {name} is complex, but the problem is {dtype}: "
                                "give the operator a complex dtype")
            Y = Y.real
        return Y
    return product


# ---- operators of the library ----

def _matrix(run: Run, A: Any, dtype: np.dtype) -> c_void_p:
    """speig_matrix of a scipy.sparse matrix or array."""
    csr = A if getattr(A, "format", None) == "csr" else A.tocsr()
    rows, cols = csr.shape
    if max(rows, cols) >= 2**31:
        raise ValueError(f"the matrix has shape {csr.shape}, at most 2^31 - 1 rows and columns")
    values = np.ascontiguousarray(csr.data, dtype=dtype)
    columns = np.ascontiguousarray(csr.indices, dtype=np.int32)
    narrow = csr.indptr.dtype == np.int32
    offsets = np.ascontiguousarray(csr.indptr, dtype=np.int32 if narrow else np.int64)
    own = _structs.BORROW if csr.has_canonical_format else _structs.COPY
    return _create(run, dtype, rows, cols, offsets, columns, values, own)


def _create(run: Run, dtype: np.dtype, rows: int, cols: int, offsets: np.ndarray,
            columns: np.ndarray, values: np.ndarray, own: int) -> c_void_p:
    narrow = offsets.dtype == np.int32
    create = lib.speig_matrix_create_csr32 if narrow else lib.speig_matrix_create_csr
    run.kept += [offsets, columns, values]
    matrix = c_void_p()
    _errors.check(create(_structs.CODES[dtype], rows, cols, offsets.ctypes.data,
                         columns.ctypes.data, values.ctypes.data, own, byref(matrix)))
    run.at_end(lambda: lib.speig_matrix_destroy(byref(matrix)))
    return matrix


def _dense_matrix(run: Run, A: np.ndarray, dtype: np.dtype) -> c_void_p:
    """speig_matrix of a dense array: its nonzeros when these are few, else every entry, where an
    array in C order serves as it is."""
    rows, cols = A.shape
    count = np.count_nonzero(A)
    if count < SPARSE_DENSITY * A.size:
        row, col = np.nonzero(A)
        offsets = np.zeros(rows + 1, np.int64)
        np.cumsum(np.bincount(row, minlength=rows), out=offsets[1:])
        columns, values = col.astype(np.int32), A[row, col].astype(dtype)
    else:
        offsets = np.arange(rows + 1, dtype=np.int64) * cols
        columns = np.tile(np.arange(cols, dtype=np.int32), rows)
        values = np.ascontiguousarray(A, dtype=dtype).reshape(-1)
    return _create(run, dtype, rows, cols, offsets, columns, values, _structs.BORROW)


def operator(run: Run, name: str, A: Any, dtype: np.dtype, n: int,
             want_matrix: bool = False) -> c_void_p:
    """speig_operator of order n for A, which has been through explicit(). want_matrix: A is to be
    factored, so that a dense array becomes a matrix whatever its size."""
    out = c_void_p()
    shape = shape_of(A)
    if shape is not None and shape != (n, n):
        raise ValueError(f"{name} has shape {shape}, ({n}, {n}) needed")
    if is_sparse(A) or (isinstance(A, np.ndarray) and (want_matrix or n <= DENSE_AS_CSR)):
        matrix = _matrix(run, A, dtype) if is_sparse(A) else _dense_matrix(run, A, dtype)
        _errors.check(lib.speig_operator_from_matrix(matrix, byref(out)))
    else:
        if isinstance(A, np.ndarray):
            A = np.asarray(A, dtype=dtype)
        apply = run.product(checked(name, multiplier(A), dtype, n))
        _errors.check(lib.speig_operator_create(_structs.CODES[dtype], n, apply, None, byref(out)))
    run.at_end(lambda: lib.speig_operator_destroy(byref(out)))
    return out


def rectangular(run: Run, A: Any, dtype: np.dtype) -> c_void_p:
    """speig_operator for A of any shape, with its adjoint."""
    out = c_void_p()
    rows, cols = A.shape
    if is_sparse(A) or (isinstance(A, np.ndarray) and A.size <= DENSE_AS_CSR**2):
        matrix = _matrix(run, A, dtype) if is_sparse(A) else _dense_matrix(run, A, dtype)
        _errors.check(lib.speig_operator_from_matrix(matrix, byref(out)))
    else:
        apply = run.product(checked("A", multiplier(A), dtype, rows))
        adjoint = run.product(checked("the adjoint of A", adjoint_multiplier(A), dtype, cols))
        _errors.check(lib.speig_operator_create_rectangular(_structs.CODES[dtype], rows, cols, apply,
                                                            adjoint, None, byref(out)))
    run.at_end(lambda: lib.speig_operator_destroy(byref(out)))
    return out


def columns(name: str, X: Any, dtype: np.dtype, n: int) -> np.ndarray:
    """X as a column-major n x p array of that type; a vector counts as one column."""
    array = np.asarray(X)
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2 or array.shape[0] != n:
        raise ValueError(f"{name} has shape {np.shape(X)}, {n} rows needed")
    if array.dtype.kind == "c" and dtype.kind != "c":
        array = array.real
    return np.array(array, dtype=dtype, order="F")


def seed_of(rng: Any) -> int:
    """A seed from what SciPy takes as rng: None (always the same), a number, or a generator."""
    if rng is None:
        return 1
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(1, 2**62))
    if isinstance(rng, np.random.RandomState):
        return int(rng.randint(1, 2**31 - 1))
    return int(np.random.default_rng(rng).integers(1, 2**62))


