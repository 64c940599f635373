"""run.py NAME: runs test_NAME.py and reports as the other tests of speig do; the last line counts.

Exit status 77 (skipped) when this Python has no NumPy, or every test is skipped."""

import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]


class Result(unittest.TextTestResult):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main(name):
    try:
        import numpy  # noqa: F401
    except ImportError:
        print(f"python_{name}: 0 passed, 0 failed, 1 skipped")
        return 77
    suite = unittest.defaultTestLoader.loadTestsFromName(f"test_{name}")
    result = unittest.TextTestRunner(sys.stdout, verbosity=2, resultclass=Result).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"python_{name}: {result.passed} passed, {failed} failed, {len(result.skipped)} skipped")
    if failed or not result.passed + len(result.skipped):
        return 1
    return 0 if result.passed else 77


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
