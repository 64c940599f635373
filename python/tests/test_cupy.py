"""The real CuPy on a real device, where both are there; test_device.py needs neither."""

import unittest

import numpy as np

import speig
from matrices import TYPES, hermitian, tolerance

try:
    import cupy
    import cupyx.scipy.sparse as sparse
    from cupyx.scipy.sparse.linalg import LinearOperator, aslinearoperator
    cupy.cuda.runtime.getDeviceCount()
    speig.eigsh(np.eye(9), 1, backend="lanczos", device="cuda")
    reason = ""
except Exception as error:  # not installed, no driver, no device
    cupy, reason = None, f"{type(error).__name__}: {error}"


@unittest.skipUnless(cupy, reason)
class Cupy(unittest.TestCase):
    n = 300

    def check(self, A, w, v, wanted, char):
        self.assertIsInstance(v, cupy.ndarray)
        self.assertEqual((v.dtype.char, v.shape), (char, (self.n, len(wanted))))
        limit = 30 * tolerance(char)
        np.testing.assert_allclose(w, wanted, atol=limit)
        v = cupy.asnumpy(v)
        self.assertLess(np.abs(A @ v - v * w).max(), limit)
        np.testing.assert_allclose(v.conj().T @ v, np.eye(len(w)), atol=limit)

    def forms(self, A):
        there = cupy.asarray(A)
        for form in ("csr", "csc", "coo", "dia"):
            yield form, sparse.csr_matrix(there).asformat(form)
        for order in "CF":
            yield "dense " + order, cupy.asarray(A, order=order)
        yield "operator", aslinearoperator(sparse.csr_matrix(there))
        yield "matvec", LinearOperator(A.shape, matvec=lambda x: there @ x, dtype=A.dtype)
        yield "function", lambda X: there @ X

    def test_forms(self):
        for char in TYPES:
            A = hermitian(self.n, char)
            A[abs(A) < 0.8] = 0
            v0 = cupy.ones(self.n, char)
            wanted = np.linalg.eigvalsh(A)[-3:]
            for name, form in self.forms(A):
                with self.subTest(char=char, form=name):
                    w, v = speig.eigsh(form, 3, which="LA", v0=v0, backend="lanczos")
                    self.check(A, w, v, wanted, char)

    def test_streams(self):
        A = hermitian(self.n, "d")
        for stream in (cupy.cuda.Stream.null, cupy.cuda.Stream(non_blocking=True)):
            with stream:
                there, v0 = cupy.asarray(A), cupy.ones(self.n)
                seen = []

                def multiply(X):
                    seen.append(cupy.cuda.get_current_stream().ptr)
                    return there @ X

                w, v = speig.eigsh(multiply, 3, which="SA", v0=v0, backend="lanczos")
            self.check(A, w, v, np.linalg.eigvalsh(A)[:3], "d")
            self.assertEqual(set(seen), {stream.ptr})

    def test_svds(self):
        for char in TYPES:
            A = hermitian(self.n, char)[:, :self.n // 2]
            A[abs(A) < 0.8] = 0
            there, limit = cupy.asarray(A), 30 * tolerance(char)
            for name, form in (("csr", sparse.csr_matrix(there)), ("dense", there)):
                with self.subTest(char=char, form=name):
                    u, s, vh = speig.svds(form, 3, backend="golub-kahan")
                    self.assertIsInstance(u, cupy.ndarray)
                    np.testing.assert_allclose(s, np.linalg.svd(A)[1][2::-1], atol=limit)
                    u, vh = cupy.asnumpy(u), cupy.asnumpy(vh)
                    self.assertLess(np.abs(A @ vh.conj().T - u * s).max(), limit)
                    self.assertLess(np.abs(u.conj().T @ A - s[:, None] * vh).max(), limit)

    def test_lobpcg(self):
        d = np.arange(1.0, self.n + 1)
        X = cupy.random.RandomState(1).standard_normal((self.n, 3))
        before = X.copy()
        there = cupy.asarray(d)[:, None]
        w, v = speig.lobpcg(lambda X: there * X, X, M=lambda X: X / there,
                            Y=cupy.eye(self.n, 2), largest=False, maxiter=100, tol=1e-8)
        np.testing.assert_allclose(w, [3, 4, 5], rtol=1e-10)
        self.check(np.diag(d), w, v, [3, 4, 5], "d")
        self.assertTrue(bool((X == before).all()))


if __name__ == "__main__":
    unittest.main()
