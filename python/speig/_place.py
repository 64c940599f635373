"""A solve in device memory: where it computes, and how the caller's arrays and functions take part.

It runs in the stream that the caller's arrays name, so that it comes after what he launched before.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
from ctypes import byref, c_void_p
from typing import Any, Callable, ContextManager

import numpy as np

from . import _errors, _structs
from ._device import (LEGACY, Context, DeviceArray, DeviceCsr, array, is_device_thing,
                      is_host_function)
from ._library import lib
from ._operands import has_block
from ._run import Run, keep_block

PER_THREAD = 2


# ---- what the caller's arrays are ----

class Plain:
    """Somebody's arrays: his functions are handed DeviceArray, and the stream with it."""

    names_stream = True

    def outward(self, x: DeviceArray) -> Any:
        return x

    def adjoint(self, x: DeviceArray, context: Context) -> Any:
        """The conjugate transpose of an array of ours."""
        if x.dtype.kind == "c":
            x = context.upload(x.get().conj())
        return DeviceArray(x.pointer, x.shape[::-1], x.dtype, x.strides[::-1], x, x.number)

    def column_major(self, y: Any) -> Any:
        return y

    def using(self, number: int, stream: int) -> ContextManager[Any]:
        return contextlib.nullcontext()


class _Stream:
    """A stream as others know one."""

    def __init__(self, pointer: int) -> None:
        self.pointer = pointer

    def __cuda_stream__(self) -> tuple[int, int]:
        return 0, self.pointer


class CuPy(Plain):
    """His functions run with the solver's stream as the current one, so nobody has to wait."""

    names_stream = False

    def __init__(self) -> None:
        self.cupy = importlib.import_module("cupy")

    def outward(self, x: DeviceArray) -> Any:
        return self.cupy.asarray(x)

    def adjoint(self, x: DeviceArray, context: Context) -> Any:
        return self.outward(x).conj().T

    def column_major(self, y: Any) -> Any:
        return self.cupy.asfortranarray(y) if isinstance(y, self.cupy.ndarray) else y

    def using(self, number: int, stream: int) -> ContextManager[Any]:
        cuda = self.cupy.cuda
        known = {LEGACY: cuda.Stream.null, PER_THREAD: cuda.Stream.ptds}
        if stream in known:
            ours = known[stream]
        elif hasattr(cuda.Stream, "from_external"):  # from CuPy 14 on
            ours = cuda.Stream.from_external(_Stream(stream))
        else:
            ours = cuda.ExternalStream(stream, number)
        both = contextlib.ExitStack()
        both.enter_context(cuda.Device(number))
        both.enter_context(ours)
        return both


class PyTorch(Plain):
    names_stream = False

    def __init__(self) -> None:
        self.torch = importlib.import_module("torch")

    def outward(self, x: DeviceArray) -> Any:
        return self.torch.as_tensor(x, device=f"cuda:{x.number}")

    def adjoint(self, x: DeviceArray, context: Context) -> Any:
        return self.outward(x).conj().resolve_conj().T

    def column_major(self, y: Any) -> Any:
        return y.t().contiguous().t() if isinstance(y, self.torch.Tensor) and y.dim() == 2 else y

    def using(self, number: int, stream: int) -> ContextManager[Any]:
        cuda = self.torch.cuda
        known = cuda.default_stream(number) if stream == LEGACY else None
        ours: ContextManager[Any] = cuda.stream(known or cuda.ExternalStream(stream, device=number))
        return ours


def kind_of(owner: Any) -> Plain:
    if type(owner).__module__.split(".")[0] == "torch":
        return PyTorch()
    try:
        return CuPy()
    except ImportError:
        return Plain()


# ---- where ----

def _parts(thing: Any) -> tuple[DeviceArray, ...]:
    if isinstance(thing, DeviceCsr):
        return thing.arrays()
    return (thing,) if isinstance(thing, DeviceArray) else ()


class Place:
    """Device, stream and context of one solve."""

    @classmethod
    def of(cls, *operands: Any, threads: int | None = None) -> Place | None:
        """Where operands that are in device memory are; None when none is."""
        parts = [part for thing in operands for part in _parts(thing)]
        return cls(parts, threads or 0) if parts else None

    def __init__(self, parts: list[DeviceArray], threads: int) -> None:
        numbers = sorted({part.number for part in parts})
        if len(numbers) > 1:
            raise ValueError(f"arrays on devices {numbers}, all on one device needed")
        self.number = numbers[0]
        streams = [part.stream for part in parts if part.stream is not None]
        self.stream = streams[0] if streams else LEGACY
        self.kind = kind_of(parts[0].given)
        self.context = Context(self.number, self.stream, threads)
        for part in parts:
            self.settle(part)

    def settle(self, x: DeviceArray) -> None:
        """Waits for what another stream still writes."""
        if x.stream not in (None, self.stream):
            Context(self.number, x.stream).wait()

    # ---- operands ----

    def block(self, run: Run, name: str, X: Any, dtype: np.dtype, n: int) -> Any:
        """A pointer to start vectors or constraints where they lie, or to a copy where they are of
        another type or layout."""
        if X.shape[0] != n:
            raise ValueError(f"{name} has shape {X.shape}, {n} rows needed")
        if X.dtype != dtype:
            host = X.get()
            host = host.real if host.dtype.kind == "c" and dtype.kind != "c" else host
            return keep_block(run, np.asfortranarray(host.reshape(n, -1), dtype=dtype))
        if not X.is_column_major():
            X = self._turned(X)
        return run.keep_pointer(X.block(), X)

    def _turned(self, X: DeviceArray) -> DeviceArray:
        """A column-major copy."""
        out = self.context.empty(*X.extent, X.dtype)
        self.put(X, out.block())
        return out

    def put(self, X: DeviceArray, Y: _structs.Block) -> None:
        """Y = X, in the stream."""
        if X.is_column_major():
            self.context.copy(X.block(), Y, wait=False)
            return
        size = X.dtype.itemsize
        for j, column in enumerate(X.lying_columns()):
            to = _structs.Block(Y.dtype, 1, Y.rows, 1, Y.data + j * Y.ld * size, Y.device)
            self.context.copy(column, to, wait=False)

    def operator(self, run: Run, name: str, A: Any, dtype: np.dtype, n: int) -> c_void_p | None:
        """speig_operator for what multiplies in device memory; None for what does on the host."""
        if not _multiplies_there(A):
            return None
        shape = getattr(A, "shape", None)
        if shape is not None and tuple(shape) != (n, n):
            raise ValueError(f"{name} has shape {tuple(shape)}, ({n}, {n}) needed")
        out = c_void_p()
        if isinstance(A, DeviceCsr):
            _errors.check(lib.speig_operator_from_device_csr(byref(self._csr(run, A, dtype)),
                                                             byref(out)))
        else:
            apply = self._product(run, name, self._multiplier(A), dtype, n)
            _errors.check(lib.speig_operator_create_on_device(_structs.CODES[dtype], n, apply,
                                                              None, byref(out)))
        run.at_end(lambda: lib.speig_operator_destroy(byref(out)))
        return out

    def rectangular(self, run: Run, A: Any, dtype: np.dtype) -> c_void_p | None:
        """The same for A of any shape, with its adjoint."""
        if not _multiplies_there(A):
            return None
        out = c_void_p()
        rows, cols = A.shape
        if isinstance(A, DeviceCsr):
            _errors.check(lib.speig_operator_from_device_csr(byref(self._csr(run, A, dtype)),
                                                             byref(out)))
        else:
            apply = self._product(run, "A", self._multiplier(A), dtype, rows)
            adjoint = self._product(run, "the adjoint of A", self._adjoint_multiplier(A), dtype,
                                    cols)
            _errors.check(lib.speig_operator_create_rectangular_on_device(
                _structs.CODES[dtype], rows, cols, apply, adjoint, None, byref(out)))
        run.at_end(lambda: lib.speig_operator_destroy(byref(out)))
        return out

    def _csr(self, run: Run, A: DeviceCsr, dtype: np.dtype) -> _structs.DeviceCsr:
        A = A.astype(dtype)
        if A.columns.dtype != np.int32:
            raise TypeError(f"column indices in device memory are {A.columns.dtype}, int32 needed")
        narrow = A.offsets.dtype == np.int32
        if not narrow and A.offsets.dtype != np.int64:
            raise TypeError(f"row offsets in device memory are {A.offsets.dtype}, int32 or int64 "
                            "needed")
        for part in A.arrays():
            self.settle(part)
        run.kept.append(A)
        return _structs.DeviceCsr(
            ctypes.sizeof(_structs.DeviceCsr), _structs.CODES[dtype], A.shape[0],
            A.columns.shape[0], None if narrow else A.offsets.pointer,
            A.offsets.pointer if narrow else None, A.columns.pointer, A.values.pointer, 0,
            A.shape[1], None)

    def _multiplier(self, A: Any) -> Callable[[DeviceArray], Any]:
        """A function of a DeviceArray of n x p."""
        outward = self.kind.outward
        if isinstance(A, DeviceArray):
            given = _that_multiplies(A)
            return lambda x: given @ outward(x)
        if has_block(A, "matmat"):
            return lambda x: A.matmat(outward(x))
        if hasattr(A, "matvec"):
            return lambda x: [A.matvec(outward(x.column(j))) for j in range(x.shape[1])]
        return lambda x: A(outward(x))

    def _adjoint_multiplier(self, A: Any) -> Callable[[DeviceArray], Any]:
        """The same for products with A^H."""
        outward = self.kind.outward
        if isinstance(A, DeviceArray):
            adjoint = _that_multiplies(A).conj().T
            return lambda x: adjoint @ outward(x)
        if has_block(A, "rmatmat"):
            return lambda x: A.rmatmat(outward(x))
        if hasattr(A, "rmatvec"):
            return lambda x: [A.rmatvec(outward(x.column(j))) for j in range(x.shape[1])]
        raise TypeError("singular values need products with the adjoint: give A a rmatvec or "
                        "rmatmat")

    def _product(self, run: Run, name: str, multiply: Callable[[DeviceArray], Any],
                 dtype: np.dtype, n: int) -> Any:
        def into(X: Any, Y: Any) -> bool:
            x = DeviceArray.of_block(X.contents, run, self.number,
                                     self.stream if self.kind.names_stream else None)
            target = Y.contents
            with self.kind.using(self.number, self.stream):
                y = multiply(x)
                if isinstance(y, list):
                    for j, column in enumerate(y):
                        self._take(name, column, (n, 1), dtype, _column(target, j))
                else:
                    self._take(name, y, (n, x.shape[1]), dtype, target)
            return True

        def apply(_: Any, where: Any, X: Any, Y: Any) -> int:
            return 0 if run.guard(lambda: into(X, Y)) else 1

        function = _structs.DeviceApplyFn(apply)
        run.kept.append(function)
        return function

    def _take(self, name: str, y: Any, shape: tuple[int, ...], dtype: np.dtype,
              target: _structs.Block) -> None:
        """A product, checked, where the solver wants it."""
        if not is_device_thing(y):
            raise TypeError(f"the product of {name} is a {type(y).__name__}, an array in device "
                            "memory needed, as the problem is there")
        found = array(self.kind.column_major(y))
        if found.shape != shape and not (found.ndim == 1 and shape == (*found.shape, 1)):
            raise ValueError(f"a product of {name} has shape {found.shape}, {shape} needed")
        if found.dtype != dtype:
            raise TypeError(f"a product of {name} is {found.dtype}, {dtype} needed")
        self.settle(found)
        self.put(found, target)
        if self.kind.names_stream:
            self.context.wait()  # nobody else knows how long y has to be there

    # ---- results ----

    def result(self, block: _structs.Block, owner: Any) -> DeviceArray:
        return DeviceArray.of_block(block, owner, self.number)

    def gathered(self, columns: list[tuple[Any, int]], n: int, dtype: np.dtype) -> DeviceArray:
        """An array of columns of others, which are in device memory or NumPy's."""
        out = self.context.empty(n, len(columns), dtype)
        for j, (X, at) in enumerate(columns):
            column = (X.column(at).block() if isinstance(X, DeviceArray) else
                      _structs.block_of(np.asfortranarray(X[:, at:at + 1], dtype=dtype)))
            self.context.copy(column, out.column(j).block())
        self.context.wait()
        return out

    def outward(self, X: Any) -> Any:
        """What the caller gets; NumPy's arrays are brought here."""
        X = self.context.upload(X) if isinstance(X, np.ndarray) else X
        return self.kind.outward(X) if isinstance(X, DeviceArray) else X

    def adjoint(self, X: DeviceArray) -> Any:
        """The same, conjugated and turned."""
        return self.kind.adjoint(X, self.context)


def _multiplies_there(A: Any) -> bool:
    """Whether A's products are in device memory."""
    if isinstance(A, np.ndarray) or is_host_function(A):
        return False
    return bool(is_device_thing(A) or callable(A) or hasattr(A, "matmat") or hasattr(A, "matvec"))


def _that_multiplies(A: DeviceArray) -> Any:
    if not hasattr(A.given, "__matmul__"):
        raise TypeError("a dense matrix in device memory is multiplied by its own @, which "
                        f"{type(A.given).__name__} does not have: give a function")
    return A.given


def _column(block: _structs.Block, j: int) -> _structs.Block:
    size = _structs.DTYPES[block.dtype].itemsize
    return _structs.Block(block.dtype, block.rows, 1, block.ld, block.data + j * block.ld * size,
                          block.device)
