"""The structures, enumerations and functions of libspeig, declared once more for ctypes.

Their layout is checked twice: the sizes when the library is loaded (_library.py), every offset
against the C headers in tests/test_layout.py.
"""

from __future__ import annotations

from ctypes import (CFUNCTYPE, POINTER, Structure, c_char, c_char_p, c_double, c_int, c_int32,
                    c_int64, c_size_t, c_uint64, c_void_p)
from typing import Any

import numpy as np

# speig_dtype
DTYPES = (np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.complex64),
          np.dtype(np.complex128))
CODES = {dtype: code for code, dtype in enumerate(DTYPES)}

# speig_device, speig_which, speig_eigs_which, speig_method, speig_outcome, speig_reason, speig_certify
DEVICES = ("auto", "host", "reference", "cuda")
CUDA = DEVICES.index("cuda")
WHICH = ("LM", "SM", "LA", "SA", "BE")
METHODS = ("auto", "dense", "lanczos", "lobpcg", "krylov-schur", "golub-kahan", "filter")
OUTCOMES = ("certified", "validated", "converged", "partial", "failed")
REASONS = ("converged", "max_matvecs", "time_limit", "cancelled", "breakdown", "memory")
EIGS_WHICH = ("LM", "SM", "LR", "SR", "LI", "SI")
MODES = ("normal", "buckling", "cayley")
# speig_svds_vectors, speig_eigs_part
SVDS_BOTH, SVDS_LEFT, SVDS_RIGHT, SVDS_NONE = range(4)
PART_WHOLE, PART_REAL, PART_IMAGINARY = range(3)
CERTIFY = ("auto", "always", "never")
RESUMED = ("none", "state", "vectors")

# speig_ownership, speig_status
COPY, BORROW = 0, 1
OK, ERR_ARG, ERR_MEMORY, ERR_FORMAT, ERR_IO, ERR_DEVICE, ERR_UNSUPPORTED = range(7)


class Block(Structure):
    """speig_block"""
    _fields_ = [("dtype", c_int), ("rows", c_int64), ("cols", c_int64), ("ld", c_int64),
                ("data", c_void_p), ("device", c_int)]


class Progress(Structure):
    """speig_progress"""
    _fields_ = [("method", c_char_p), ("phase", c_char_p), ("iteration", c_int64),
                ("matvecs", c_int64), ("wanted", c_int32), ("converged", c_int32),
                ("values", POINTER(c_double)), ("residuals", POINTER(c_double)),
                ("norm", c_double), ("tol", c_double), ("seconds", c_double),
                ("imaginary", POINTER(c_double)), ("bytes", c_double), ("eta", c_double)]


ApplyFn = CFUNCTYPE(c_int, c_void_p, POINTER(Block), POINTER(Block))
ProgressFn = CFUNCTYPE(c_int, c_void_p, POINTER(Progress))


class ContextOpts(Structure):
    """speig_context_opts"""
    _fields_ = [("size", c_size_t), ("device", c_int), ("threads", c_int),
                ("device_number", c_int), ("stream", c_void_p)]


class Place(Structure):
    """speig_place"""
    _fields_ = [("device", c_int), ("device_number", c_int), ("stream", c_void_p)]


class DeviceCsr(Structure):
    """speig_device_csr"""
    _fields_ = [("size", c_size_t), ("dtype", c_int), ("n", c_int64), ("nnz", c_int64),
                ("rowptr", c_void_p), ("rowptr32", c_void_p), ("colind", c_void_p),
                ("values", c_void_p), ("trusted", c_int), ("cols", c_int64),
                ("adjoint", c_void_p)]


DeviceApplyFn = CFUNCTYPE(c_int, c_void_p, POINTER(Place), POINTER(Block), POINTER(Block))


class EigshOpts(Structure):
    """speig_eigsh_opts"""
    _fields_ = [("size", c_size_t), ("k", c_int32), ("which", c_int), ("method", c_int),
                ("device", c_int), ("certify", c_int), ("tol", c_double), ("ncv", c_int32),
                ("block", c_int32), ("max_matvecs", c_int64), ("time_limit", c_double),
                ("seed", c_uint64), ("threads", c_int), ("memory", c_size_t),
                ("precond", c_void_p), ("guess", POINTER(Block)), ("deflate", POINTER(Block)),
                ("assume_hermitian", c_int), ("values_only", c_int), ("progress", ProgressFn),
                ("progress_user", c_void_p), ("has_sigma", c_int), ("sigma", c_double),
                ("mode", c_int), ("op_inverse", c_void_p), ("mass_inverse", c_void_p),
                ("context", c_void_p), ("vectors_on", c_int), ("has_interval", c_int),
                ("interval", c_double * 2),
                ("checkpoint", c_char_p), ("checkpoint_every", c_double), ("resume", c_char_p)]


class EigshResult(Structure):
    """speig_eigsh_result"""
    _fields_ = [("n", c_int64), ("k", c_int32), ("wanted", c_int32), ("dtype", c_int),
                ("outcome", c_int), ("reason", c_int), ("method", c_int), ("device", c_int),
                ("values", POINTER(c_double)), ("vectors", Block),
                ("residuals", POINTER(c_double)), ("relative_residuals", POINTER(c_double)),
                ("error_bounds", POINTER(c_double)), ("orthogonality", c_double),
                ("norm_a", c_double), ("norm_b", c_double), ("tol", c_double),
                ("unconverged", c_int32), ("unconverged_values", POINTER(c_double)),
                ("unconverged_residuals", POINTER(c_double)), ("unconverged_vectors", Block),
                ("matvecs", c_int64), ("matvecs_b", c_int64), ("precond_applies", c_int64),
                ("precond_dropped", c_int), ("restarts", c_int64), ("seconds_setup", c_double),
                ("seconds_solve", c_double), ("seconds_certify", c_double),
                ("memory_bytes", c_size_t), ("seed", c_uint64), ("threads", c_int),
                ("transform", c_int), ("shift", c_double), ("solves", c_int64),
                ("factorizations", c_int32), ("infinite", c_int32), ("interval", c_double * 2),
                ("proven", c_double * 2),
                ("resumed", c_int), ("checkpoints", c_int32), ("checkpoint_failure", c_char * 256),
                ("estimate", c_double), ("estimate_error", c_double)]


class EigsOpts(Structure):
    """speig_eigs_opts"""
    _fields_ = [("size", c_size_t), ("k", c_int32), ("which", c_int), ("method", c_int),
                ("device", c_int), ("certify", c_int), ("balance", c_int), ("tol", c_double),
                ("ncv", c_int32), ("max_matvecs", c_int64), ("time_limit", c_double),
                ("seed", c_uint64), ("threads", c_int), ("memory", c_size_t),
                ("guess", POINTER(Block)), ("left", c_int), ("adjoint", c_void_p),
                ("values_only", c_int), ("progress", ProgressFn), ("progress_user", c_void_p),
                ("has_sigma", c_int), ("sigma", c_double * 2), ("part", c_int),
                ("op_inverse", c_void_p), ("mass_inverse", c_void_p), ("context", c_void_p),
                ("checkpoint", c_char_p), ("checkpoint_every", c_double), ("resume", c_char_p)]


class EigsResult(Structure):
    """speig_eigs_result"""
    _fields_ = [("n", c_int64), ("k", c_int32), ("wanted", c_int32), ("dtype", c_int),
                ("outcome", c_int), ("reason", c_int), ("method", c_int), ("device", c_int),
                ("values", POINTER(c_double)), ("vectors", Block), ("left", Block),
                ("residuals", POINTER(c_double)), ("relative_residuals", POINTER(c_double)),
                ("left_residuals", POINTER(c_double)), ("conditions", POINTER(c_double)),
                ("error_bounds", POINTER(c_double)), ("norm_a", c_double), ("norm_b", c_double),
                ("tol", c_double), ("balanced", c_int), ("infinite", c_int32),
                ("unconverged", c_int32), ("unconverged_values", POINTER(c_double)),
                ("unconverged_residuals", POINTER(c_double)), ("matvecs", c_int64),
                ("matvecs_b", c_int64), ("matvecs_adjoint", c_int64), ("restarts", c_int64),
                ("seconds_setup", c_double), ("seconds_solve", c_double),
                ("seconds_certify", c_double), ("memory_bytes", c_size_t), ("seed", c_uint64),
                ("threads", c_int), ("transform", c_int), ("shift", c_double * 2),
                ("solves", c_int64), ("factorizations", c_int32), ("worst_condition", c_double),
                ("moved", c_double),
                ("resumed", c_int), ("checkpoints", c_int32), ("checkpoint_failure", c_char * 256)]


class SvdsOpts(Structure):
    """speig_svds_opts"""
    _fields_ = [("size", c_size_t), ("k", c_int32), ("which", c_int), ("method", c_int),
                ("device", c_int), ("certify", c_int), ("tol", c_double), ("ncv", c_int32),
                ("max_matvecs", c_int64), ("time_limit", c_double), ("seed", c_uint64),
                ("threads", c_int), ("memory", c_size_t), ("guess", POINTER(Block)),
                ("vectors", c_int), ("progress", ProgressFn), ("progress_user", c_void_p),
                ("checkpoint", c_char_p), ("checkpoint_every", c_double), ("resume", c_char_p),
                ("context", c_void_p), ("vectors_on", c_int)]


class SvdsResult(Structure):
    """speig_svds_result"""
    _fields_ = [("rows", c_int64), ("cols", c_int64), ("k", c_int32), ("wanted", c_int32),
                ("dtype", c_int), ("outcome", c_int), ("reason", c_int), ("method", c_int),
                ("device", c_int), ("values", POINTER(c_double)), ("left", Block),
                ("right", Block), ("residuals", POINTER(c_double)),
                ("adjoint_residuals", POINTER(c_double)),
                ("relative_residuals", POINTER(c_double)), ("error_bounds", POINTER(c_double)),
                ("orthogonality", c_double), ("norm", c_double), ("tol", c_double),
                ("unconverged", c_int32), ("unconverged_values", POINTER(c_double)),
                ("unconverged_residuals", POINTER(c_double)), ("unconverged_left", Block),
                ("unconverged_right", Block), ("matvecs", c_int64), ("adjoint_matvecs", c_int64),
                ("solves", c_int64), ("factorizations", c_int32), ("restarts", c_int64),
                ("seconds_setup", c_double), ("seconds_solve", c_double),
                ("seconds_certify", c_double),
                ("memory_bytes", c_size_t), ("seed", c_uint64), ("threads", c_int),
                ("resumed", c_int), ("checkpoints", c_int32), ("checkpoint_failure", c_char * 256)]


# By the name that speig_struct_size and the headers know them by.
STRUCTURES: dict[str, type[Structure]] = {
    "speig_block": Block,
    "speig_context_opts": ContextOpts,
    "speig_place": Place,
    "speig_device_csr": DeviceCsr,
    "speig_progress": Progress,
    "speig_eigsh_opts": EigshOpts,
    "speig_eigsh_result": EigshResult,
    "speig_eigs_opts": EigsOpts,
    "speig_eigs_result": EigsResult,
    "speig_svds_opts": SvdsOpts,
    "speig_svds_result": SvdsResult,
}

_csr = [c_int, c_int64, c_int64, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_void_p)]
_solve = [c_void_p, c_void_p]
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "speig_version": (c_char_p, []),
    "speig_last_error": (c_char_p, []),
    "speig_status_text": (c_char_p, [c_int]),
    "speig_struct_size": (c_size_t, [c_char_p]),
    "speig_matrix_create_csr": (c_int, _csr),
    "speig_matrix_create_csr32": (c_int, _csr),
    "speig_matrix_destroy": (None, [POINTER(c_void_p)]),
    "speig_operator_from_matrix": (c_int, [c_void_p, POINTER(c_void_p)]),
    "speig_operator_create": (c_int, [c_int, c_int64, ApplyFn, c_void_p, POINTER(c_void_p)]),
    "speig_operator_create_rectangular": (c_int, [c_int, c_int64, c_int64, ApplyFn, ApplyFn,
                                                  c_void_p, POINTER(c_void_p)]),
    "speig_operator_create_on_device": (c_int, [c_int, c_int64, DeviceApplyFn, c_void_p,
                                                POINTER(c_void_p)]),
    "speig_operator_create_rectangular_on_device": (
        c_int, [c_int, c_int64, c_int64, DeviceApplyFn, DeviceApplyFn, c_void_p,
                POINTER(c_void_p)]),
    "speig_operator_from_device_csr": (c_int, [POINTER(DeviceCsr), POINTER(c_void_p)]),
    "speig_operator_destroy": (None, [POINTER(c_void_p)]),
    "speig_context_opts_init": (None, [POINTER(ContextOpts)]),
    "speig_context_create_on": (c_int, [POINTER(ContextOpts), POINTER(c_void_p)]),
    "speig_context_destroy": (None, [POINTER(c_void_p)]),
    "speig_context_wait": (c_int, [c_void_p]),
    "speig_block_alloc_on": (c_int, [c_void_p, c_int, c_int64, c_int64, POINTER(Block)]),
    "speig_block_free_on": (None, [c_void_p, POINTER(Block)]),
    "speig_copy": (c_int, [c_void_p, POINTER(Block), POINTER(Block)]),
    "speig_copy_async": (c_int, [c_void_p, POINTER(Block), POINTER(Block)]),
    "speig_eigsh_opts_init": (None, [POINTER(EigshOpts)]),
    "speig_eigsh": (c_int, _solve + [POINTER(EigshOpts), POINTER(POINTER(EigshResult))]),
    "speig_eigsh_result_free": (None, [POINTER(POINTER(EigshResult))]),
    "speig_eigs_opts_init": (None, [POINTER(EigsOpts)]),
    "speig_eigs": (c_int, _solve + [POINTER(EigsOpts), POINTER(POINTER(EigsResult))]),
    "speig_eigs_result_free": (None, [POINTER(POINTER(EigsResult))]),
    "speig_svds_opts_init": (None, [POINTER(SvdsOpts)]),
    "speig_svds": (c_int, [c_void_p, POINTER(SvdsOpts), POINTER(POINTER(SvdsResult))]),
    "speig_svds_result_free": (None, [POINTER(POINTER(SvdsResult))]),
}


def view(block: Block) -> np.ndarray:
    """The memory of a block as an array, column-major; nothing is copied."""
    dtype = DTYPES[block.dtype]
    rows, cols = int(block.rows), int(block.cols)
    if rows == 0 or cols == 0 or not block.data:
        return np.zeros((rows, cols), dtype, order="F")
    scalars = int(block.ld) * (cols - 1) + rows
    memory = (c_char * (scalars * dtype.itemsize)).from_address(block.data)
    strides = (dtype.itemsize, int(block.ld) * dtype.itemsize)
    return np.ndarray((rows, cols), dtype, buffer=memoryview(memory), strides=strides)


def block_of(array: np.ndarray) -> Block:
    """A block that looks at an array, which must be column-major and outlive it."""
    assert array.flags.f_contiguous and array.ndim == 2
    rows, cols = array.shape
    return Block(CODES[array.dtype], rows, cols, max(rows, 1), array.ctypes.data, 0)


def complexes(pointer: Any, count: int) -> np.ndarray:
    """A copy of count complex numbers, real and imaginary parts in turn."""
    return doubles(pointer, 2 * count).view(np.complex128)


def doubles(pointer: Any, count: int) -> np.ndarray:
    """A copy of count doubles."""
    return np.array(pointer[:count], np.float64)
