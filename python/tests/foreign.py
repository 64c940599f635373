"""Arrays in device memory as other people's classes show them, and as much of the modules cupy and
torch as speig asks for, so that neither is needed."""

import ctypes
import sys
import types

import numpy as np

from speig import _device

sys.modules["cupy"] = None  # cannot be imported, also where it is installed

try:
    context = _device.Context(0, _device.LEGACY)
    reason = ""
except Exception as error:  # whatever keeps the library from a device
    context, reason = None, str(error)


def reinterpreted(array):
    """The same bytes as a type that the library has."""
    return array.view({4: np.float32, 8: np.float64}[array.itemsize]) if array.dtype.kind in "iu" \
        else array


class Foreign:
    """An array in device memory, in row or column order, that tells where and nothing else."""

    def __init__(self, array, order="F", stream=_device.LEGACY):
        array = np.asarray(array)
        vector = array.ndim == 1
        kept = context.upload(reinterpreted(array if vector or order == "F" else array.T))
        strides = kept.strides[:1] if vector else kept.strides[::1 if order == "F" else -1]
        self.kept, self.shape, self.dtype = kept, array.shape, array.dtype
        self.told = {"version": 3, "shape": array.shape, "typestr": array.dtype.str,
                     "data": (kept.pointer, False), "strides": strides, "stream": stream}

    @property
    def __cuda_array_interface__(self):
        return self.told


class Multiplied(Foreign):
    """One that knows products, too, as CuPy's arrays do."""

    def __matmul__(self, X):
        return Foreign(host(self) @ host(X))

    def conj(self):
        return type(self)(host(self).conj())

    @property
    def T(self):
        return type(self)(host(self).T)


class ForeignCsr:
    """What CuPy shows of a sparse matrix."""

    format, has_canonical_format = "csr", True

    def __init__(self, A, wide=False):
        self.shape, self.dtype, self.host = A.shape, A.dtype, A
        rows, cols = np.nonzero(A)
        offsets = np.searchsorted(rows, np.arange(A.shape[0] + 1))
        self.indptr = Foreign(offsets.astype(np.int64 if wide else np.int32))
        self.indices, self.data = Foreign(cols.astype(np.int32)), Foreign(A[rows, cols])

    def tocsr(self):
        return self

    def astype(self, dtype):
        return ForeignCsr(self.host.astype(dtype))


def host(X):
    return _device.array(X).get()


def times(A, order="F"):
    """A function that multiplies device arrays by A, and notes what it is handed."""
    def multiply(X):
        multiply.seen.append(X)
        return Foreign(A @ host(X), order)
    multiply.seen = []
    return multiply


class Tensor:
    """An array that is told of by DLPack alone."""

    alive = 0

    class Managed(ctypes.Structure):
        _fields_ = [("tensor", _device._DLTensor), ("manager", ctypes.c_void_p),
                    ("deleter", ctypes.c_void_p)]

    def __init__(self, array):
        self.inner = Foreign(array)

    def __dlpack_device__(self):
        return (2, 0)

    def __dlpack__(self, stream=None):
        dtype, shape = self.inner.dtype, self.inner.shape
        managed = self.Managed()
        managed.tensor = _device._DLTensor(self.inner.kept.pointer, 2, 0, len(shape), 2,
                                           8 * dtype.itemsize, 1, (ctypes.c_int64 * 1)(*shape), None,
                                           0)
        destructor_type = ctypes.CFUNCTYPE(None, ctypes.c_void_p)

        def destroy(_):
            Tensor.alive -= 1

        self.kept = managed, destructor_type(destroy)
        new = ctypes.pythonapi.PyCapsule_New
        new.restype = ctypes.py_object
        new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, destructor_type]
        Tensor.alive += 1
        return new(ctypes.addressof(managed), b"dltensor", self.kept[1])


class CupyArray(Multiplied):
    pass


def pretended_cupy(streams):
    """As much of the module cupy as speig asks for; notes the streams that are made current."""
    module = types.ModuleType("cupy")
    module.ndarray = CupyArray
    module.asarray = lambda X: CupyArray(host(X))
    module.asfortranarray = lambda X: CupyArray(host(X))
    names = ("null", "ptds")
    module.cuda = types.SimpleNamespace(
        Stream=types.SimpleNamespace(**{name: current(streams, name) for name in names}),
        Device=lambda number: current([], number),
        ExternalStream=lambda *given: current(streams, given))
    return module


class TorchTensor(Multiplied):
    """Tells no stream, in version 2 of the interface."""

    __module__ = "torch"

    def __init__(self, array, order="F"):
        super().__init__(array, order)
        del self.told["stream"]
        self.told["version"] = 2

    is_sparse = is_sparse_csr = False
    crow_indices = col_indices = values = None  # every tensor has them, most of them raise

    def dim(self):
        return len(self.shape)

    def t(self):
        return TorchTensor(host(self).T)

    def contiguous(self):
        return TorchTensor(host(self), "C")

    def resolve_conj(self):
        return self


class TorchCsr:
    __module__ = "torch"
    is_sparse, is_sparse_csr, is_cuda = False, True, True

    def __init__(self, A):
        self.like = ForeignCsr(A, wide=True)
        self.shape = A.shape

    def to_sparse_csr(self):
        return self

    def crow_indices(self):
        return self.like.indptr

    def values(self):
        return self.like.data

    def col_indices(self):
        return types.SimpleNamespace(int=lambda: self.like.indices)


def pretended_torch(streams):
    module = types.ModuleType("torch")
    module.Tensor = TorchTensor
    module.as_tensor = lambda X, device: TorchTensor(host(X))
    module.cuda = types.SimpleNamespace(
        current_stream=lambda number: types.SimpleNamespace(cuda_stream=0),
        default_stream=lambda number: "default", stream=lambda name: current(streams, name),
        ExternalStream=lambda pointer, device: (pointer, device))
    return module


def current(streams, name):
    """A context manager that may be entered again and again."""
    class Again:
        def __enter__(self):
            streams.append(name)

        def __exit__(self, *_):
            pass
    return Again()
