"""checkpoint= and resume= of eigsh, eigs and svds: a solve that was cut off goes on where it stood."""

import os
import tempfile
import unittest
import warnings
from pathlib import Path

import numpy as np

import speig
from matrices import TYPES, hermitian, tolerance

ORDER = 150


def general(char):
    """Its eigenvalues of largest magnitude stand apart a little."""
    rng = np.random.default_rng(4)
    A = rng.normal(size=(ORDER, ORDER)) / ORDER + np.diag(np.linspace(1, 3, ORDER))
    return (A + 0.01j * np.eye(ORDER, k=1) if char in "FD" else A).astype(char)


def solve_eigsh(A, k=3, **options):
    return speig.eigsh(A, k, which="LA", backend="lanczos", ncv=k + 9, **options)


def solve_eigs(A, k=3, **options):
    return speig.eigs(A, k, which="LM", backend="krylov-schur", ncv=k + 13, **options)


def solve_svds(A, k=3, **options):
    U, s, Vh = speig.svds(A, k, backend="golub-kahan", ncv=k + 9, **options)
    return s, np.concatenate([U, Vh.conj().T])


CALLS = ((solve_eigsh, hermitian), (solve_eigs, None), (solve_svds, None))


def matrix_for(make, char):
    return hermitian(ORDER, char) if make else general(char)


class Resuming(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "été.ck"

    def cut(self, solve, A, **options):
        """Stops at the third record; what came of it."""
        told = []
        with self.assertRaises(speig.ArpackNoConvergence) as caught:
            solve(A, checkpoint=self.path, threads=1,
                  progress=lambda record: told.append(record) or len(told) == 3, **options)
        self.assertTrue(self.path.is_file())
        self.assertEqual(caught.exception.info.reason, "cancelled")
        return caught.exception.info

    def test_the_same_bits_as_uninterrupted(self):
        for solve, make in CALLS:
            for char in TYPES:
                with self.subTest(solve=solve.__name__, char=char):
                    A = matrix_for(make, char)
                    whole, info = speig.Info(), speig.Info()
                    w, X = solve(A, threads=1, info=whole)
                    stopped = self.cut(solve, A)
                    v, Y = solve(A, threads=1, resume=str(self.path), info=info)
                    self.assertEqual(whole.resumed, "none")
                    self.assertEqual(info.resumed, "state")
                    self.assertGreater(stopped.matvecs, 0)
                    self.assertEqual(info.matvecs, whole.matvecs)
                    np.testing.assert_array_equal(v, w)
                    np.testing.assert_array_equal(Y, X)

    def test_more_pairs(self):
        for solve, make in CALLS:
            with self.subTest(solve=solve.__name__):
                A = matrix_for(make, "d")
                self.cut(solve, A)
                info = speig.Info()
                w, _ = solve(A, 6, resume=self.path, info=info)
                self.assertEqual(info.resumed, "state")
                self.assertIn(info.outcome, ("validated", "certified"))
                right = (np.linalg.eigvalsh(A)[-6:] if solve is solve_eigsh else
                         np.linalg.eigvals(A) if solve is solve_eigs else
                         np.linalg.svd(A, compute_uv=False)[:6])
                if solve is solve_eigs:
                    right = right[np.argsort(-np.abs(right))][:len(w)]
                key = np.real if solve is not solve_eigs else np.abs
                np.testing.assert_allclose(np.sort(key(w)), np.sort(key(right)),
                                           atol=10 * tolerance("d"))

    def test_refused(self):
        A = hermitian(ORDER, "d")
        self.cut(solve_eigsh, A)
        with self.assertRaisesRegex(ValueError, "belongs to another problem"):
            solve_eigsh(A + np.eye(ORDER), resume=self.path)
        with self.assertRaisesRegex(ValueError, "is of a hermitian problem"):
            solve_eigs(A, resume=self.path)
        with self.assertRaisesRegex(ValueError, "exclude each other"):
            solve_eigsh(A, resume=self.path, v0=np.ones(ORDER))
        with self.assertRaisesRegex(speig.SpeigError, "none: No such file"):
            solve_eigsh(A, resume=self.path.with_name("none"))
        with self.assertRaisesRegex(speig.SpeigError, "none"):
            solve_eigsh(A, checkpoint=self.path / "none")
        content = bytearray(self.path.read_bytes())
        content[len(content) // 2] ^= 1
        self.path.write_bytes(content)
        with self.assertRaisesRegex(speig.SpeigError, "damaged"):
            solve_eigsh(A, resume=self.path)

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_a_full_disk_costs_no_values(self):
        A = hermitian(ORDER, "d")
        info = speig.Info()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            w, _ = solve_eigsh(A, checkpoint="/dev/full", info=info)
        self.assertIn("/dev/full", info.checkpoint_failure)
        self.assertTrue(any("could not be written" in str(one.message) for one in told))
        np.testing.assert_allclose(w, np.linalg.eigvalsh(A)[-3:], atol=tolerance("d"))


if __name__ == "__main__":
    unittest.main()
