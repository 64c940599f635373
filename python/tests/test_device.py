"""Arrays in device memory, as strangers' classes that tell where they lie, and as CuPy's and
PyTorch's, by classes that behave as these do. Runs on a CUDA device or the emulated one."""

import ctypes
import gc
import sys
import unittest

import numpy as np

import speig
from foreign import (CupyArray, Foreign, ForeignCsr, Multiplied, Tensor, TorchCsr, TorchTensor,
                     context, host, pretended_cupy, pretended_torch, reason, times)
from matrices import TYPES, hermitian, tolerance
from speig import _device, _place

@unittest.skipUnless(context, reason)
class OnDevice(unittest.TestCase):
    n = 40

    def check(self, A, w, v, wanted, char):
        limit = 10 * tolerance(char)
        np.testing.assert_allclose(w, wanted, atol=limit)
        self.assertIsInstance(v, _device.DeviceArray)
        v = v.get()
        self.assertEqual((v.dtype.char, v.shape), (char, (len(A), len(wanted))))
        self.assertLess(np.abs(A @ v - v * w).max(), limit)
        np.testing.assert_allclose(v.conj().T @ v, np.eye(len(wanted)), atol=limit)

    def test_there_and_back(self):
        for char in TYPES:
            for shape in ((5,), (5, 3), (1, 3), (3, 1), (0, 2)):
                for order in "FC":
                    X = hermitian(8, char)[:shape[0], :(shape + (1,))[1]].reshape(shape)
                    np.testing.assert_array_equal(host(Foreign(X, order)), X)

    def test_matrices(self):
        for char in TYPES:
            A = hermitian(self.n, char)
            A[abs(A) < 0.4] = 0
            for wide in (False, True):
                with self.subTest(char=char, wide=wide):
                    info = speig.Info()
                    w, v = speig.eigsh(ForeignCsr(A, wide), 3, which="LA", backend="lanczos",
                                       info=info)
                    self.check(A, w, v, np.linalg.eigvalsh(A)[-3:], char)
                    self.assertEqual(info.device, "cuda")

    def test_functions_and_start_vectors(self):
        for char in TYPES:
            A = hermitian(self.n, char)
            v0 = Foreign(hermitian(self.n, char, 1)[:, 0])
            with self.subTest(char=char):
                multiply = times(A)
                w, v = speig.eigsh(multiply, 3, which="SA", v0=v0, backend="lanczos")
                self.check(A, w, v, np.linalg.eigvalsh(A)[:3], char)
                self.assertTrue(all(isinstance(x, _device.DeviceArray) for x in multiply.seen))

    def test_products_by_columns(self):
        A = hermitian(self.n, "d")

        class Operator:
            shape, dtype = A.shape, A.dtype

            def matvec(self, x):
                assert len(x.shape) == 1
                return Foreign(A @ host(x))

        X = Foreign(hermitian(self.n, "d", 3)[:, :2])
        w, v = speig.lobpcg(Operator(), X, maxiter=200, tol=1e-11)
        self.check(A, w, v, np.linalg.eigvalsh(A)[:-3:-1], "d")

    def test_the_start_vector_starts(self):
        A = np.diag(np.arange(1.0, self.n + 1))
        info = speig.Info()
        w, _ = speig.eigsh(times(A), 1, which="LA", v0=Foreign(np.eye(self.n)[-1]), info=info,
                           backend="lanczos")
        self.assertEqual(info.outcome, "converged")  # as documented: the guess was the answer
        np.testing.assert_allclose(w, self.n)

    def test_dense_matrices(self):
        A = hermitian(self.n, "d")
        for order in "FC":
            w, v = speig.eigsh(Multiplied(A, order), 2, which="LA", backend="lanczos")
            self.check(A, w, v, np.linalg.eigvalsh(A)[-2:], "d")
        with self.assertRaisesRegex(TypeError, "Foreign does not have"):
            speig.eigsh(Foreign(A), 2)

    def test_lobpcg(self):
        for char, order in (("d", "C"), ("F", "F"), ("D", "C")):
            A, B = hermitian(self.n, char), hermitian(self.n, char, 2, definite=True)
            X = hermitian(self.n, char, 3)[:, :2]
            with self.subTest(char=char, order=order):
                import scipy.linalg
                e = scipy.linalg.eigh(A, B, eigvals_only=True)
                w, v = speig.lobpcg(times(A, order), Foreign(X, order), B=ForeignCsr(B), maxiter=200,
                                    largest=True)
                v = v.get()
                limit = 30 * tolerance(char) if char in "fF" else 1e-6
                np.testing.assert_allclose(w, e[:-3:-1], rtol=limit, atol=limit)
                self.assertLess(np.abs(A @ v - B @ v * w).max(), 100 * limit)

    def test_constraints_and_preconditioners(self):
        d = np.arange(1.0, self.n + 1)
        A, Y = np.diag(d), np.eye(self.n, 2)
        X = hermitian(self.n, "d", 3)[:, :2]
        precond = times(np.diag(1 / d))
        w, v = speig.lobpcg(ForeignCsr(A), Foreign(X), M=precond, Y=Foreign(Y, "C"), largest=False,
                            maxiter=60, tol=1e-8)
        np.testing.assert_allclose(w, [3, 4], rtol=1e-10)
        np.testing.assert_allclose(Y.T @ v.get(), 0, atol=1e-10)
        self.assertTrue(precond.seen)

    def test_what_did_not_converge(self):
        A = hermitian(self.n, "d")
        X = hermitian(self.n, "d", 3)[:, :3]
        with self.assertWarnsRegex(UserWarning, "Exited at iteration"):
            w, v = speig.lobpcg(times(A), Foreign(X), maxiter=2)
        with self.assertWarns(UserWarning):
            w_host, v_host = speig.lobpcg(A, X, maxiter=2)
        np.testing.assert_allclose(w, w_host, rtol=1e-10)
        np.testing.assert_allclose(abs(v.get()), abs(v_host), atol=1e-8)

    def test_host_operands_beside_device_ones(self):
        A = hermitian(self.n, "d")
        w, v = speig.eigsh(A, 2, which="LA", v0=Foreign(np.ones(self.n)), backend="lanczos")
        self.check(A, w, v, np.linalg.eigvalsh(A)[-2:], "d")

    def test_general_matrices(self):
        for char, form in (("f", times), ("d", ForeignCsr), ("F", ForeignCsr), ("D", times)):
            A = np.triu(hermitian(self.n, char)) + 2 * np.diag(np.arange(self.n)).astype(char)
            for method in ("krylov-schur", "dense"):
                with self.subTest(char=char, method=method):
                    v0 = Foreign(np.ones(self.n, char))
                    w, v = speig.eigs(form(A), 3, v0=v0, backend=method, which="LR")
                    wanted = np.sort_complex(np.diag(A).astype("D"))[:-4:-1]
                    limit = 1e-3 if char in "fF" else 1e-9
                    np.testing.assert_allclose(w, wanted, rtol=limit)
                    self.assertIsInstance(v, _device.DeviceArray)
                    v = v.get()
                    self.assertEqual(v.dtype.char, char.upper())
                    self.assertLess(np.abs(A @ v - v * w).max(), 100 * limit)

    def test_a_complex_inverse(self):
        A, sigma = hermitian(self.n, "d") + np.diag(np.ones(self.n - 1), 1), 0.3 + 0.2j
        inverse = times(np.linalg.inv(A - sigma * np.eye(self.n)))
        w, v = speig.eigs(times(A), 2, sigma=sigma, OPinv=inverse, v0=Foreign(np.ones(self.n)),
                          backend="krylov-schur")
        self.assertTrue(inverse.seen)
        self.assertLess(np.abs(A @ v.get() - v.get() * w).max(), 1e-9)

    def test_an_inverse(self):
        A = hermitian(self.n, "d")
        inverse = times(np.linalg.inv(A - 0.1 * np.eye(self.n)))
        w, v = speig.eigsh(times(A), 2, sigma=0.1, OPinv=inverse, v0=Foreign(np.ones(self.n)))
        e = np.linalg.eigvalsh(A)
        self.check(A, w, v, np.sort(e[np.argsort(abs(e - 0.1))[:2]]), "d")
        self.assertTrue(inverse.seen)

    def test_scattered_vectors(self):
        last = np.zeros((self.n, 3))
        last[-1, 1] = 1
        info = speig.Info()
        v0 = _device.array(Foreign(last, "C")).column(1)
        speig.eigsh(times(np.diag(np.arange(1.0, self.n + 1))), 1, which="LA", v0=v0, info=info,
                    backend="lanczos")
        self.assertEqual(info.outcome, "converged")  # v0 was the answer
        with self.assertRaisesRegex(ValueError, "stride 0"):
            v0.strides = (0,)
            v0.get()

    def test_other_types_are_converted(self):
        A = hermitian(self.n, "d")
        v0 = Foreign(np.ones(self.n, "f"))
        w, v = speig.eigsh(ForeignCsr(A), 2, which="LA", v0=v0, backend="lanczos")
        self.check(A, w, v, np.linalg.eigvalsh(A)[-2:], "d")
        M = np.diag(1.0 + np.arange(self.n)).astype("D")
        w = speig.eigsh(ForeignCsr(A), 2, M=ForeignCsr(M), which="LA", return_eigenvectors=False)
        wanted = np.linalg.eigvals(np.linalg.solve(M, A)).real
        np.testing.assert_allclose(w, np.sort(wanted)[-2:])

    def test_dlpack(self):
        A = hermitian(self.n, "d")
        v0 = Tensor(np.ones(self.n))
        w, v = speig.eigsh(times(A), 2, which="LA", v0=v0, backend="lanczos")
        self.check(A, w, v, np.linalg.eigvalsh(A)[-2:], "d")
        gc.collect()
        self.assertEqual(Tensor.alive, 0)  # released

    def test_refusals(self):
        A = hermitian(self.n, "d")
        v0 = Foreign(np.ones(self.n))
        for arguments, error, words in (
                ((lambda X: host(X), dict(v0=v0)), TypeError, "ndarray, an array in device memory"),
                ((lambda X: Foreign(host(X)[1:]), dict(v0=v0)), ValueError, r"has shape \(39, "),
                ((lambda X: Foreign(host(X).astype("f")), dict(v0=v0)), TypeError, "float32, float64 needed"),
                ((ForeignCsr(A), dict(device="host")), ValueError, "'auto' or 'cuda'"),
                ((ForeignCsr(A), dict(v0=Foreign(np.ones(7)))), ValueError, "40 rows")):
            with self.assertRaisesRegex(error, words):
                speig.eigsh(arguments[0], 2, **arguments[1])
        with self.assertRaisesRegex(NotImplementedError, "device memory"):
            speig.eigsh(ForeignCsr(A), self.n)

    def test_exceptions_come_through(self):
        def fails(X):
            raise ZeroDivisionError("as it was raised")
        with self.assertRaisesRegex(ZeroDivisionError, "as it was raised"):
            speig.eigsh(fails, 2, v0=Foreign(np.ones(self.n)))

    def test_results_outlive_everything(self):
        A = hermitian(self.n, "d")
        w, v = speig.eigsh(times(A), 2, which="LA", v0=Foreign(np.ones(self.n)), backend="lanczos")
        gc.collect()
        self.check(A, w, v, np.linalg.eigvalsh(A)[-2:], "d")
        again, _ = speig.eigsh(times(A), 2, which="LA", v0=v, backend="lanczos")
        np.testing.assert_allclose(again, w)


def rectangle(shape, char):
    A = hermitian(max(shape), char)[:shape[0], :shape[1]]
    A[abs(A) < 0.3] = 0
    return A


class Pair:
    """Products with A and its adjoint, of blocks or of vectors, that note what they are handed."""

    def __init__(self, A, by_columns=False):
        self.shape, self.dtype, self.seen = A.shape, A.dtype, []
        for name, matrix in (("mat", A), ("rmat", A.conj().T)):
            setattr(self, name + ("vec" if by_columns else "mat"), self.multiplier(matrix))

    def multiplier(self, matrix):
        def multiply(X):
            self.seen.append(X)
            return Foreign(matrix @ host(X))
        return multiply


@unittest.skipUnless(context, reason)
class Svds(unittest.TestCase):
    def check(self, A, u, s, vh, wanted, char):
        limit = 20 * tolerance(char)
        k = len(wanted)
        np.testing.assert_allclose(s, wanted, atol=limit)
        for X in (u, vh):
            self.assertIsInstance(X, _device.DeviceArray)
        u, vh = u.get(), vh.get()
        self.assertEqual((u.dtype.char, u.shape, vh.shape),
                         (char, (A.shape[0], k), (k, A.shape[1])))
        self.assertLess(np.abs(A @ vh.conj().T - u * s).max(), limit)
        self.assertLess(np.abs(u.conj().T @ A - s[:, None] * vh).max(), limit)
        np.testing.assert_allclose(u.conj().T @ u, np.eye(k), atol=limit)
        np.testing.assert_allclose(vh @ vh.conj().T, np.eye(k), atol=limit)

    def test_matrices(self):
        for char, shape, wide, which in (("f", (30, 17), False, "LM"), ("d", (17, 30), True, "LM"),
                                         ("F", (20, 20), True, "LM"), ("D", (30, 12), False, "SM")):
            A, info = rectangle(shape, char), speig.Info()
            with self.subTest(char=char):
                u, s, vh = speig.svds(ForeignCsr(A, wide), 3, which=which, info=info,
                                      backend="golub-kahan")
                every = np.linalg.svd(A)[1]
                self.check(A, u, s, vh, every[2::-1] if which == "LM" else every[:-4:-1], char)
                self.assertEqual(info.device, "cuda")

    def test_operators_and_start_vectors(self):
        for char, shape in (("d", (30, 17)), ("F", (12, 30))):
            A = rectangle(shape, char)
            v0 = Foreign(np.ones(min(shape), char))
            for by_columns in (False, True):
                for told in (True, False):
                    with self.subTest(char=char, by_columns=by_columns, told=told):
                        pair = Pair(A, by_columns)
                        if not told:
                            del pair.dtype
                        u, s, vh = speig.svds(pair, 2, v0=v0)
                        self.check(A, u, s, vh, np.linalg.svd(A)[1][1::-1], char)
                        self.assertTrue(pair.seen)
                        self.assertTrue(all(isinstance(x, _device.DeviceArray)
                                            for x in pair.seen))

    def test_dense_matrices(self):
        A = rectangle((24, 15), "D")
        u, s, vh = speig.svds(Multiplied(A), 2, backend="golub-kahan")
        self.check(A, u, s, vh, np.linalg.svd(A)[1][1::-1], "D")
        with self.assertRaisesRegex(TypeError, "Foreign does not have"):
            speig.svds(Foreign(A), 2)

    def test_which_vectors(self):
        A = rectangle((24, 15), "d")
        for wanted in ("u", "vh"):
            u, s, vh = speig.svds(ForeignCsr(A), 2, return_singular_vectors=wanted,
                                  backend="golub-kahan")
            self.assertEqual((u is None, vh is None), (wanted == "vh", wanted == "u"))
        s = speig.svds(ForeignCsr(A), 2, return_singular_vectors=False)
        np.testing.assert_allclose(s, np.linalg.svd(A)[1][1::-1])

    def test_what_did_not_converge(self):
        A = rectangle((40, 30), "d")
        with self.assertWarnsRegex(UserWarning, "Exited at iteration"):
            u, s, vh = speig.svds(ForeignCsr(A), 4, solver="lobpcg", maxiter=2)
        with self.assertWarns(UserWarning):
            u_host, s_host, vh_host = speig.svds(A, 4, solver="lobpcg", maxiter=2)
        np.testing.assert_allclose(s, s_host, rtol=1e-10)
        np.testing.assert_allclose(u.get(), u_host, atol=1e-8)
        np.testing.assert_allclose(vh.get(), vh_host, atol=1e-8)

    def test_refusals(self):
        A = rectangle((24, 15), "d")
        v0 = Foreign(np.ones(15))

        class OneWay:
            shape, dtype = A.shape, A.dtype

            def matmat(self, X):
                return Foreign(A @ host(X))

        wrong = Pair(A)
        wrong.rmatmat = wrong.matmat
        for given, arguments, error, words in (
                (OneWay(), dict(v0=v0), TypeError, "rmatvec or rmatmat"),
                (wrong, dict(v0=v0), ValueError, "mismatch|matmul|shape"),
                (ForeignCsr(A), dict(v0=Foreign(np.ones(24))), ValueError, "must have shape"),
                (ForeignCsr(A), dict(device="host"), ValueError, "'auto' or 'cuda'"),
                (Multiplied(A[:, 0]), {}, ValueError, "two dimensions needed")):
            with self.subTest(words=words), self.assertRaisesRegex(error, words):
                speig.svds(given, 2, **arguments)


@unittest.skipUnless(context, reason)
class Streams(unittest.TestCase):
    n = 40

    def setUp(self):
        try:
            self.cuda = ctypes.CDLL("libcudart.so.13")
        except OSError:
            self.skipTest("no libcudart.so.13")
        handle = ctypes.c_void_p()
        self.assertEqual(self.cuda.cudaStreamCreateWithFlags(ctypes.byref(handle), 1), 0)
        self.stream = handle.value

    def tearDown(self):
        gc.collect()
        self.cuda.cudaStreamDestroy(ctypes.c_void_p(self.stream))

    def written_later(self, array):
        """Somebody's array that is still being written when it is handed over."""
        there = Foreign(np.zeros_like(array), stream=self.stream)
        side = _device.Context(0, self.stream)
        source = context.upload(array)
        side.copy(source.block(), there.kept.block(), wait=False)
        there.source, there.side = source, side  # closing a context waits for its stream
        return there

    def test_what_is_still_written_is_waited_for(self):
        A = np.diag(np.arange(1.0, self.n + 1))
        last = np.eye(self.n)[:, -1:]
        for others in ({}, {"device": "cuda"}):
            info = speig.Info()
            w, _ = speig.eigsh(times(A), 1, which="LA", v0=self.written_later(last), info=info,
                               backend="lanczos", **others)
            self.assertEqual(info.outcome, "converged")  # the start vector was there
            np.testing.assert_allclose(w, self.n)

    def test_products_in_another_stream(self):
        A = hermitian(self.n, "d")
        w, _ = speig.eigsh(lambda X: self.written_later(A @ host(X)), 2, which="LA",
                           v0=Foreign(np.ones(self.n)), backend="lanczos")
        np.testing.assert_allclose(w, np.linalg.eigvalsh(A)[-2:], rtol=1e-10)

    def test_the_place_is_in_the_stream_that_is_told(self):
        for stream, wanted in ((self.stream, self.stream), (1, 1), (2, 2), (None, 1)):
            place = _place.Place.of(_device.array(Foreign(np.ones(3), stream=stream)))
            self.assertEqual(place.stream, wanted)
        with self.assertRaisesRegex(ValueError, "names the stream 0"):
            _device.array(Foreign(np.ones(3), stream=0))


@unittest.skipUnless(context, reason)
class Modules(unittest.TestCase):
    def solve(self, name, module, array):
        A, seen = hermitian(20, "d"), []

        def multiply(X):
            seen.append(X)
            return array(A @ host(X), "C")

        sys.modules[name] = module
        try:
            w, v = speig.eigsh(multiply, 2, which="LA", v0=array(np.ones(20)), backend="lanczos")
            X = array(hermitian(20, "d", 3)[:, :2], "C")
            w_block, v_block = speig.lobpcg(multiply, X, maxiter=100)
            np.testing.assert_allclose(A @ host(v), host(v) * w, atol=1e-10)
            u, s, vh = speig.svds(array(A[:, :9]), 2, solver="propack", backend="golub-kahan")
            np.testing.assert_allclose(s, np.linalg.svd(A[:, :9])[1][1::-1])
            np.testing.assert_allclose(A[:, :9] @ host(vh).T, host(u) * s, atol=1e-10)
            if name == "torch":
                w_csr, _ = speig.eigsh(TorchCsr(A), 2, which="LA", backend="lanczos")
                np.testing.assert_allclose(w_csr, w)
        finally:
            sys.modules[name] = None
        e = np.linalg.eigvalsh(A)
        np.testing.assert_allclose(w, e[-2:])
        np.testing.assert_allclose(w_block, e[:-3:-1], rtol=1e-6)
        for X in seen + [v, v_block, u, vh]:
            self.assertIsInstance(X, array)

    def test_as_cupy(self):
        streams = []
        self.solve("cupy", pretended_cupy(streams), CupyArray)
        self.assertEqual(set(streams), {"null"})

    def test_as_torch(self):
        streams = []
        self.solve("torch", pretended_torch(streams), TorchTensor)
        self.assertEqual(set(streams), {"default"})


if __name__ == "__main__":
    unittest.main()
