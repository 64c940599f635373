"""`pip install ./python` into a folder of its own, and the package used from there."""

import os
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

from speig import _library

PYTHON = Path(__file__).resolve().parents[1]
USE = """
import speig, numpy
assert speig.__file__.startswith({folder!r}), speig.__file__
assert speig._library.find().startswith({folder!r}), speig._library.find()
print(speig.eigsh(numpy.diag([1.0, 2, 3, 4]), 1)[0][0])
"""


def has_pip():
    return subprocess.run([sys.executable, "-m", "pip", "--version"],
                          capture_output=True).returncode == 0


def clean(**more):
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "SPEIG_LIBRARY")}
    env.update(more)
    return env


class Package(unittest.TestCase):
    def setUp(self):
        self.library = str(Path(_library.find()).resolve().parent)

    @unittest.skipUnless(has_pip(), "no pip")
    def test_pip_install(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps",
                       "--no-index", "--disable-pip-version-check", "--target", folder, PYTHON]
            done = subprocess.run(command, capture_output=True, text=True,
                                  env=clean(SPEIG_LIBRARY=self.library))
            self.assertEqual(done.returncode, 0, done.stderr)
            done = subprocess.run([sys.executable, "-c", USE.format(folder=folder)], cwd=folder,
                                  capture_output=True, text=True, env=clean(PYTHONPATH=folder))
            self.assertEqual((done.stdout.strip(), done.stderr), ("4.0", ""))

    def test_wheel(self):
        sys.path.insert(0, str(PYTHON))
        import backend
        before = os.environ.get("SPEIG_LIBRARY")
        os.environ["SPEIG_LIBRARY"] = self.library
        try:
            with tempfile.TemporaryDirectory() as folder:
                name = backend.build_wheel(folder)
                with zipfile.ZipFile(Path(folder) / name) as wheel:
                    names = wheel.namelist()
                    self.assertIsNone(wheel.testzip())
        finally:
            os.environ.pop("SPEIG_LIBRARY")
            if before is not None:
                os.environ["SPEIG_LIBRARY"] = before
        for wanted in ("speig/__init__.py", "speig/py.typed", "speig/_lib/libspeig.so"):
            self.assertIn(wanted, names)
        self.assertEqual(names[-1], f"speig-{backend.version()}.dist-info/RECORD")

    def test_a_library_that_is_not_there(self):
        for place in ("/nowhere/libspeig.so", str(PYTHON)):
            done = subprocess.run([sys.executable, "-c", "import speig"], capture_output=True,
                                  text=True, env=clean(PYTHONPATH=str(PYTHON), SPEIG_LIBRARY=place))
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(f"SPEIG_LIBRARY is '{place}'", done.stderr)

    def test_a_library_that_is_another(self):
        done = subprocess.run(
            [sys.executable, "-c", "from speig import _structs\n"], capture_output=True, text=True,
            env=clean(PYTHONPATH=str(PYTHON), SPEIG_LIBRARY=self._other()))
        self.assertIn("does not belong to this version of the module speig", done.stderr)

    def _other(self):
        """Some other shared object: the math library."""
        import ctypes.util
        import re
        name = ctypes.util.find_library("m") or self.skipTest("no libm")
        for line in Path("/proc/self/maps").read_text().splitlines():
            found = re.search(rf"(/\S*{re.escape(name)})$", line)
            if found:
                return found.group(1)
        self.skipTest("libm is not loaded")


if __name__ == "__main__":
    unittest.main()
