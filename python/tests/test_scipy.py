"""SciPy's own tests of eigs, eigsh, svds and lobpcg, as they are installed with it, pointed at
speig; what is left out and why is told in scipy_plugin.py."""

import importlib.util
import os
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = ("arpack.tests.test_arpack", "tests.test_svds", "lobpcg.tests.test_lobpcg")


def there(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


class OfThePeer(unittest.TestCase):
    def test_files(self):
        if not there("pytest"):
            self.skipTest("no pytest")
        for name in TESTS:
            module = f"scipy.sparse.linalg._eigen.{name}"
            with self.subTest(module=module):
                if not there(module):
                    self.skipTest(f"no {module}")
                path = os.pathsep.join([str(HERE), str(HERE.parent)])
                run = subprocess.run(
                    [sys.executable, "-m", "pytest", "-q", "-rfE", "-p", "scipy_plugin",
                     "-p", "no:cacheprovider", "--tb=short", "--pyargs", module],
                    env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, text=True)
                print(f"{name}: {run.stdout.strip().splitlines()[-1]}")
                self.assertEqual(run.returncode, 0, run.stdout[-4000:])


if __name__ == "__main__":
    unittest.main()
