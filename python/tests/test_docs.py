"""Every python block of the README and of docs/python.md runs, block after block of a file in one
namespace, as somebody would type them in; and the examples in docstrings print what they show."""

import contextlib
import doctest
import importlib
import io
import re
import unittest
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]


def blocks(name):
    text = (TREE / name).read_text()
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


class Documents(unittest.TestCase):
    def run_blocks(self, name):
        found = blocks(name)
        self.assertTrue(found, name)
        namespace, out = {}, io.StringIO()
        for number, block in enumerate(found, 1):
            with self.subTest(block=number), contextlib.redirect_stdout(out):
                exec(compile(block, f"{name}, block {number}", "exec"), namespace)
        return namespace, out.getvalue()

    def test_readme(self):
        try:
            import scipy  # noqa: F401
        except ImportError:
            self.skipTest("no SciPy")
        namespace, _ = self.run_blocks("README.md")
        self.assertEqual((namespace["vals"].shape, namespace["vecs"].shape), ((10,), (2000, 10)))

    def test_python_page(self):
        _, printed = self.run_blocks("docs/python.md")
        self.assertIn("[1. 2. 3.]", printed)
        self.assertIn("True", printed)

    def test_docstrings(self):
        for name in ("_eigsh", "_eigs", "_lobpcg", "_svds"):
            result = doctest.testmod(importlib.import_module(f"speig.{name}"))
            self.assertGreater(result.attempted, 0, name)
            self.assertEqual(result.failed, 0, name)


if __name__ == "__main__":
    unittest.main()
