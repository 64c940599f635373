"""Arrays in device memory: CuPy's, PyTorch's, or anybody's that tell where they lie by
`__cuda_array_interface__` or DLPack.

Nothing here needs CuPy or PyTorch. Where the caller's arrays are theirs, his functions are handed
theirs, and so are results; else `DeviceArray`, which both take as it is.
"""

from __future__ import annotations

import ctypes
import importlib
import weakref
from ctypes import byref, c_void_p
from typing import Any

import numpy as np

from . import _errors, _structs
from ._library import lib

# The default stream of CUDA, as the array interface and the library name it.
LEGACY = 1
DLPACK_CUDA = 2
DLPACK_KINDS = {0: "i", 1: "u", 2: "f", 5: "c"}


def is_device_array(A: Any) -> bool:
    if isinstance(A, np.ndarray):
        return False
    if hasattr(A, "__cuda_array_interface__"):
        return True
    told = getattr(A, "__dlpack_device__", None)
    return told is not None and hasattr(A, "__dlpack__") and told()[0] == DLPACK_CUDA


def is_device_sparse(A: Any) -> bool:
    """CSR of CuPy or PyTorch, or another format that they turn into that."""
    if isinstance(A, (np.ndarray, DeviceArray)):
        return False
    if getattr(A, "is_sparse_csr", False) or getattr(A, "is_sparse", False):
        return bool(getattr(A, "is_cuda", False))
    return hasattr(A, "tocsr") and any(is_device_array(getattr(A, name, None))
                                       for name in ("data", "row", "offsets"))


def is_device_thing(A: Any) -> bool:
    return isinstance(A, (DeviceArray, DeviceCsr)) or is_device_array(A) or is_device_sparse(A)


def is_host_function(A: Any) -> bool:
    """A LinearOperator of SciPy, whose products are NumPy arrays."""
    return any(cls.__module__.split(".")[0] == "scipy" for cls in type(A).__mro__)


def check_stream(stream: Any) -> int | None:
    if stream is not None and stream <= 0:
        raise ValueError(f"the array interface names the stream {stream}, 1 or more needed")
    return None if stream is None else int(stream)


# ---- contexts ----

class Context:
    """speig_context on a device and a stream; destroyed with the last object that holds it."""

    def __init__(self, number: int, stream: int | None, threads: int = 0) -> None:
        opts = _structs.ContextOpts()
        lib.speig_context_opts_init(byref(opts))
        opts.device, opts.device_number = _structs.CUDA, number
        opts.stream, opts.threads = stream, threads
        self.number, self.stream = number, stream
        handle = c_void_p()
        _errors.check(lib.speig_context_create_on(byref(opts), byref(handle)))
        self.handle = handle
        weakref.finalize(self, lib.speig_context_destroy, byref(handle))

    def wait(self) -> None:
        _errors.check(lib.speig_context_wait(self.handle))

    def copy(self, X: _structs.Block, Y: _structs.Block, wait: bool = True) -> None:
        _errors.check((lib.speig_copy if wait else lib.speig_copy_async)(self.handle, byref(X),
                                                                         byref(Y)))

    def empty(self, rows: int, cols: int, dtype: np.dtype) -> DeviceArray:
        """A column-major array in device memory, zeros."""
        block = _structs.Block()
        _errors.check(lib.speig_block_alloc_on(self.handle, _structs.CODES[dtype], rows, cols,
                                               byref(block)))
        out = DeviceArray.of_block(block, self)
        weakref.finalize(out, _release_block, self, block)
        return out

    def upload(self, X: np.ndarray) -> DeviceArray:
        host = np.asfortranarray(X if X.ndim == 2 else X.reshape(-1, 1))
        rows, cols = host.shape
        out = self.empty(rows, cols, host.dtype)
        self.copy(_structs.block_of(host), out.block())
        self.wait()
        return out


def _release_block(context: Context, block: _structs.Block) -> None:
    lib.speig_block_free_on(context.handle, byref(block))


# ---- arrays ----

class DeviceArray:
    """A view of device memory with one or two dimensions, and of what keeps it alive.

    CuPy and PyTorch take it without a copy: `cupy.asarray(x)`, `torch.as_tensor(x,
    device="cuda")`. `x.get()` is a NumPy array.
    """

    def __init__(self, pointer: int, shape: tuple[int, ...], dtype: np.dtype,
                 strides: tuple[int, ...], owner: Any, number: int = 0,
                 stream: int | None = None, given: Any = None) -> None:
        self.pointer, self.shape, self.dtype, self.strides = pointer, shape, dtype, strides
        self.owner, self.number, self.stream = owner, number, stream
        self.given = given  # the caller's array that this is a view of

    @classmethod
    def of_block(cls, block: _structs.Block, owner: Any, number: int = 0,
                 stream: int | None = None) -> DeviceArray:
        dtype = _structs.DTYPES[block.dtype]
        size = dtype.itemsize
        number = owner.number if isinstance(owner, Context) else number
        return cls(block.data or 0, (int(block.rows), int(block.cols)), dtype,
                   (size, size * int(block.ld)), owner, number, stream)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {"version": 3, "shape": self.shape, "typestr": self.dtype.str,
                "data": (self.pointer, False), "strides": self.strides, "stream": self.stream}

    def column(self, j: int) -> DeviceArray:
        """Column j as a vector."""
        return DeviceArray(self.pointer + j * self.strides[1], self.shape[:1], self.dtype,
                           self.strides[:1], self, self.number, self.stream)

    def block(self) -> _structs.Block:
        """As the library sees it, which wants columns of neighbouring numbers."""
        rows, cols = self.extent
        down, right = self._layout()
        if down != 1:
            raise ValueError(f"an array of shape {self.shape} with strides {self.strides} is not "
                             "column-major")
        return _structs.Block(_structs.CODES[self.dtype], rows, cols, max(right, rows, 1),
                              self.pointer, _structs.CUDA)

    def is_column_major(self) -> bool:
        return self._layout()[0] == 1

    def lying_columns(self) -> list[_structs.Block]:
        """Each column as a block of one row, for arrays whose columns are scattered."""
        (count, cols), (down, right) = self.extent, self._layout()
        step = right * self.dtype.itemsize
        return [_structs.Block(_structs.CODES[self.dtype], 1, count, down, self.pointer + j * step,
                               _structs.CUDA) for j in range(cols)]

    @property
    def extent(self) -> tuple[int, int]:
        """Rows and columns; a vector is a column."""
        return self.shape[0], self.shape[1] if self.ndim == 2 else 1

    def _layout(self) -> tuple[int, int]:
        """Distance of neighbours within a column and within a row, in numbers."""
        size = self.dtype.itemsize
        if any(stride % size or stride < 0 for stride in self.strides):
            raise ValueError(f"strides {self.strides} of an array of {self.dtype}: whole positive "
                             "numbers of entries needed")
        rows, cols = self.extent
        down = self.strides[0] // size if rows > 1 else 1
        right = self.strides[1] // size if self.ndim == 2 and cols > 1 else max(down, 1) * rows
        if down == 0 or right == 0:
            raise ValueError("an array that repeats itself (stride 0): make a copy of it")
        return down, right

    def get(self) -> np.ndarray:
        """A NumPy array with the same numbers."""
        (rows, cols), (down, right) = self.extent, self._layout()
        context = Context(self.number, self.stream or LEGACY)
        if down == 1 or rows * cols == 0:
            out = np.zeros((rows, cols), self.dtype, order="F")
            context.copy(self.block(), _structs.block_of(out))
        elif right == 1 or cols == 1:
            out = np.zeros((rows, cols), self.dtype)
            turned = _structs.Block(_structs.CODES[self.dtype], cols, rows, down, self.pointer,
                                    _structs.CUDA)
            context.copy(turned, _structs.block_of(out.T))
        else:
            raise ValueError(f"strides {self.strides} of an array of {self.dtype}: neighbouring "
                             "numbers in rows or columns needed")
        return out if self.ndim == 2 else out[:, 0]


def _of_interface(A: Any, number: int) -> DeviceArray:
    told = A.__cuda_array_interface__
    dtype, shape = np.dtype(told["typestr"]), tuple(int(size) for size in told["shape"])
    if told.get("mask") is not None:
        raise NotImplementedError("arrays with a mask are not taken")
    strides = told.get("strides")
    if strides is None:
        strides = tuple(dtype.itemsize * int(np.prod(shape[i + 1:])) for i in range(len(shape)))
    # Version 3 says in which stream the array is being written, and None for a finished one.
    # Without a word the default stream is meant, and PyTorch's current one, which it does not tell.
    stream = told["stream"] if "stream" in told else _unspoken_stream(A, number)
    return DeviceArray(int(told["data"][0] or 0), shape, dtype, tuple(strides), A, number,
                       check_stream(stream), A)


def _unspoken_stream(A: Any, number: int) -> int:
    if type(A).__module__.split(".")[0] != "torch":
        return LEGACY
    torch = importlib.import_module("torch")
    return torch.cuda.current_stream(number).cuda_stream or LEGACY


class _DLTensor(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("device_type", ctypes.c_int32), ("number", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("kind", ctypes.c_uint8), ("bits", ctypes.c_uint8),
                ("lanes", ctypes.c_uint16), ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("strides", ctypes.POINTER(ctypes.c_int64)), ("offset", ctypes.c_uint64)]


def _of_dlpack(A: Any) -> DeviceArray:
    capsule = A.__dlpack__(stream=LEGACY)
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = c_void_p, [ctypes.py_object, ctypes.c_char_p]
    tensor = _DLTensor.from_address(pointer_of(capsule, b"dltensor"))
    if tensor.lanes != 1 or tensor.kind not in DLPACK_KINDS:
        raise TypeError(f"DLPack type {tensor.kind} of {tensor.bits} bits, {tensor.lanes} lanes: "
                        "plain numbers needed")
    dtype = np.dtype(f"{DLPACK_KINDS[tensor.kind]}{tensor.bits // 8}")
    shape = tuple(tensor.shape[i] for i in range(tensor.ndim))
    strides = tuple(tensor.strides[i] if tensor.strides else int(np.prod(shape[i + 1:]))
                    for i in range(tensor.ndim))
    # The capsule is not renamed, so that it releases the tensor when it goes.
    return DeviceArray((tensor.data or 0) + tensor.offset, shape, dtype,
                       tuple(dtype.itemsize * stride for stride in strides), capsule,
                       tensor.number, LEGACY, A)


def array(A: Any) -> DeviceArray:
    """A view of an array in device memory."""
    if isinstance(A, DeviceArray):
        return A
    told = getattr(A, "__dlpack_device__", None)
    number = int(told()[1]) if told else int(getattr(getattr(A, "device", None), "id", 0) or 0)
    found = _of_interface(A, number) if hasattr(A, "__cuda_array_interface__") else _of_dlpack(A)
    if found.ndim not in (1, 2):
        raise ValueError(f"an array in device memory has shape {found.shape}, one or two "
                         "dimensions needed")
    return found


class DeviceCsr:
    """A sparse matrix in device memory, in CSR with ascending columns in each row."""

    def __init__(self, given: Any) -> None:
        self.given = given
        self.shape = tuple(int(size) for size in given.shape)
        if hasattr(given, "to_sparse_csr"):
            given = given.to_sparse_csr()
            parts = given.crow_indices(), given.col_indices().int(), given.values()
        else:
            csr = given if getattr(given, "format", None) == "csr" else given.tocsr()
            if not csr.has_canonical_format:
                csr = csr.copy()
                csr.sum_duplicates()
            self.given = csr
            parts = csr.indptr, csr.indices, csr.data
        self.offsets, self.columns, self.values = map(array, parts)
        self.dtype, self.number = self.values.dtype, self.values.number
        self.stream = self.values.stream

    def astype(self, dtype: np.dtype) -> DeviceCsr:
        if dtype == self.dtype:
            return self
        if not hasattr(self.given, "astype"):
            raise TypeError(f"the matrix in device memory is {self.dtype}, {dtype} needed")
        return DeviceCsr(self.given.astype(dtype))

    def arrays(self) -> tuple[DeviceArray, ...]:
        return self.offsets, self.columns, self.values


def explicit(A: Any) -> Any:
    """What is in device memory as a view of it."""
    if isinstance(A, (DeviceArray, DeviceCsr)):
        return A
    return DeviceCsr(A) if is_device_sparse(A) else array(A)
