"""What a call does beside computing: callbacks, exceptions, Ctrl-C, threads, progress, partial
results."""

import gc
import os
import signal
import threading
import time
import unittest
import weakref

import numpy as np

import speig


class Chain:
    """tridiag(-1, 2, -1) as what has a shape and multiplies; counts what it is asked for."""

    def __init__(self, n, dtype=float, matmat=True):
        self.shape, self.dtype, self.widths = (n, n), np.dtype(dtype), []
        if matmat:
            self.matmat = self._multiply
        self.matvec = self._multiply

    def _multiply(self, X):
        self.widths.append(X.shape)
        Y = 2 * X
        Y[1:] -= X[:-1]
        Y[:-1] -= X[1:]
        return Y

    def values(self):
        n = self.shape[0]
        return 2 - 2 * np.cos(np.pi * np.arange(1, n + 1) / (n + 1))


class Complex(Chain):
    """Says it is real, and is not."""

    def _multiply(self, X):
        return 1j * super()._multiply(X)


class Callbacks(unittest.TestCase):
    def test_blocks_and_vectors(self):
        for matmat in (True, False):
            chain = Chain(600, matmat=matmat)
            w, v = speig.eigsh(chain, 4, which="LA")
            np.testing.assert_allclose(w, chain.values()[-4:], rtol=1e-13)
            self.assertTrue(all(len(shape) == (2 if matmat else 1) for shape in chain.widths))

    def test_functions(self):
        chain = Chain(600)
        w = speig.eigsh(chain.matmat, 3, which="LA", v0=np.ones(600), return_eigenvectors=False)
        np.testing.assert_allclose(w, chain.values()[-3:], rtol=1e-13)
        with self.assertRaisesRegex(TypeError, "v0"):
            speig.eigsh(chain.matmat, 3)

    def test_vectors_may_be_kept_and_changed(self):
        chain, kept = Chain(400), []

        def product(X):
            Y = chain.matmat(X)
            kept.append(X)
            X[...] = 7
            return Y

        w = speig.eigsh(product, 3, which="LA", v0=np.ones(400), return_eigenvectors=False)
        np.testing.assert_allclose(w, chain.values()[-3:], rtol=1e-12)
        self.assertTrue(all(np.all(X == 7) for X in kept))

    def test_exceptions_come_through(self):
        class Mine(Exception):
            pass

        def fails(X):
            raise Mine("as it was raised")

        def stops(X):
            raise SystemExit(3)

        with self.assertRaisesRegex(Mine, "as it was raised"):
            speig.eigsh(fails, 3, v0=np.ones(400))
        with self.assertRaises(SystemExit):
            speig.eigsh(stops, 3, v0=np.ones(400))
        with self.assertRaises(Mine):
            speig.lobpcg(Chain(400), np.eye(400, 3), M=fails)
        with self.assertRaises(ZeroDivisionError):
            speig.eigsh(Chain(900), 3, progress=lambda told: 1 / 0)

    def test_wrong_products_are_told(self):
        with self.assertRaisesRegex(ValueError, r"shape \(399, 1\)"):
            speig.eigsh(lambda X: X[1:], 3, v0=np.ones(400))
        with self.assertRaisesRegex(TypeError, "complex"):
            speig.eigsh(Chain(400), 3, M=Complex(400))

    def test_a_solve_within_a_solve(self):
        inner = Chain(350)

        def product(X):
            w = speig.eigsh(inner, 1, which="LA", return_eigenvectors=False)
            return X * w[0]

        w = speig.eigsh(product, 1, v0=np.ones(310), return_eigenvectors=False)
        np.testing.assert_allclose(w, inner.values()[-1:], rtol=1e-12)

    def test_nothing_is_kept_alive(self):
        chain = Chain(400)
        gone = weakref.ref(chain)
        speig.eigsh(chain, 2)
        del chain
        gc.collect()
        self.assertIsNone(gone())


class Stopping(unittest.TestCase):
    def test_progress_is_told_and_may_stop(self):
        told = []
        with self.assertRaises(speig.ArpackNoConvergence) as caught:
            speig.eigsh(Chain(3000), 4, which="SA",
                        progress=lambda record: told.append(record) or len(told) == 3)
        error = caught.exception
        self.assertEqual(len(told), 3)
        self.assertEqual(told[0].wanted, 4)
        self.assertEqual(told[-1].values.shape, (4,))
        self.assertEqual(error.info.reason, "cancelled")
        self.assertEqual(error.eigenvectors.shape, (3000, len(error.eigenvalues)))
        rest = error.info.unconverged_vectors
        self.assertEqual(rest.shape, (3000, len(error.info.unconverged_values)))

    def test_maxiter(self):
        with self.assertRaisesRegex(speig.ArpackNoConvergence, "3 iterations") as caught:
            speig.eigsh(Chain(4000), 4, which="SA", maxiter=3)
        self.assertIn(caught.exception.info.outcome, ("partial", "failed"))

    def test_time_limit(self):
        start = time.perf_counter()
        with self.assertRaises(speig.ArpackNoConvergence) as caught:
            speig.eigsh(Chain(200000), 4, which="SA", time_limit=0.3)
        self.assertEqual(caught.exception.info.reason, "time_limit")
        self.assertLess(time.perf_counter() - start, 60)

    def _interrupted(self, A, **options):
        timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        before = signal.getsignal(signal.SIGINT)
        timer.start()
        try:
            with self.assertRaises(KeyboardInterrupt):
                speig.eigsh(A, 4, which="SA", **options)
        finally:
            timer.join()
        self.assertIs(signal.getsignal(signal.SIGINT), before)

    def test_ctrl_c_between_callbacks(self):
        # A matrix: Python runs in the progress function only.
        n = 300000
        offsets = np.concatenate([[0], np.cumsum(np.r_[2, np.full(n - 2, 3), 2])])
        rows = np.repeat(np.arange(n), np.diff(offsets))
        indices = np.concatenate([[0, 1], *[np.arange(n - 2)[:, None] + [0, 1, 2]], [n - 2, n - 1]],
                                 axis=None).astype(np.int32)
        data = np.where(indices == rows, 2.0, -1.0)
        self._interrupted(Csr(data, indices, offsets.astype(np.int64), (n, n)))

    def test_ctrl_c_in_a_callback(self):
        def slow(X):
            time.sleep(30)
            return X

        start = time.perf_counter()
        self._interrupted(slow, v0=np.ones(400))
        self.assertLess(time.perf_counter() - start, 20)

    def test_a_handler_of_ones_own(self):
        seen = []
        before = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
        try:
            def product(X):
                if not seen:
                    os.kill(os.getpid(), signal.SIGINT)
                return Chain(400).matmat(X)
            speig.eigsh(product, 2, which="LA", v0=np.ones(400))
        finally:
            signal.signal(signal.SIGINT, before)
        self.assertEqual(seen, [1])


class Csr:
    """The part of a scipy.sparse matrix that speig uses, so that SciPy is not needed here."""

    format, has_canonical_format = "csr", True

    def __init__(self, data, indices, indptr, shape):
        self.data, self.indices, self.indptr = data, indices, indptr
        self.shape, self.dtype = shape, data.dtype

    def tocsr(self):
        return self


class Threads(unittest.TestCase):
    def test_solves_at_once(self):
        chains = [Chain(400 + 50 * i) for i in range(6)]
        found = [None] * 6

        def work(i):
            found[i] = speig.eigsh(chains[i], 3, which="LA", return_eigenvectors=False)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for chain, w in zip(chains, found):
            np.testing.assert_allclose(w, chain.values()[-3:], rtol=1e-12)

    def test_others_run_meanwhile(self):
        ticks, done = [], threading.Event()

        def tick():
            while not done.wait(0.005):
                ticks.append(1)

        thread = threading.Thread(target=tick)
        A = np.random.default_rng(1).normal(size=(900, 900))
        thread.start()
        speig.eigsh(A + A.T, 3, threads=1, backend="dense")
        done.set()
        thread.join()
        self.assertGreater(len(ticks), 2)


class Words(unittest.TestCase):
    def test_unknown_words_are_refused(self):
        for name in ("backend", "device", "certify"):
            with self.assertRaisesRegex(ValueError, f"{name} is 'fast'"):
                speig.eigsh(np.eye(9), 2, **{name: "fast"})

    def test_what_a_method_cannot_do(self):
        with self.assertRaises(NotImplementedError):
            speig.eigsh(np.eye(9), 2, backend="lanczos", precond=np.eye(9))

    def test_equal_calls_give_equal_bits(self):
        first, second = (speig.eigsh(Chain(800), 3, which="LA")[1] for _ in range(2))
        np.testing.assert_array_equal(first, second)


if __name__ == "__main__":
    unittest.main()
