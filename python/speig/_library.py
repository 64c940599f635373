"""Finds libspeig, loads it, and sees to it that it is the one that _structs.py declares.

Looked for, in this order: SPEIG_LIBRARY (the file or its folder), the folder _lib of this package
(where `pip install` puts it), the build folders of the source tree that this file lies in, and
wherever the system's loader looks.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

from . import _structs

NAMES = ("libspeig.so", "libspeig.so.0", "libspeig.dylib")


def _in_folder(folder: Path) -> Path | None:
    for name in NAMES:
        if (folder / name).is_file():
            return folder / name
    return None


def _named() -> Path | None:
    """The library that SPEIG_LIBRARY names: that one or none."""
    given = os.environ.get("SPEIG_LIBRARY")
    if not given:
        return None
    path = Path(given)
    found = _in_folder(path) if path.is_dir() else path
    if found is None or not found.is_file():
        raise ImportError(f"SPEIG_LIBRARY is {given!r}, where there is no {NAMES[0]}")
    return found


def find() -> str:
    """The path of the library, or the bare name that the system's loader is to find."""
    package = Path(__file__).resolve().parent
    found = _named() or _in_folder(package / "_lib")
    tree = package.parent.parent
    if found is None and (tree / "include" / "speig" / "speig.h").is_file():
        builds = [folder / "src" for folder in sorted(tree.glob("build*"))]
        found = next(filter(None, map(_in_folder, builds)), None)
    return str(found) if found else "libspeig.so.0"


def _check(library: ctypes.CDLL, path: str) -> None:
    for name, structure in _structs.STRUCTURES.items():
        here, there = ctypes.sizeof(structure), library.speig_struct_size(name.encode())
        if here != there:
            raise ImportError(
                f"{path} does not belong to this version of the module speig: {name} has "
                f"{there} bytes there, {here} are needed")


@contextlib.contextmanager
def _spinning_less() -> Iterator[None]:
    """GNU OpenMP reads how long its threads spin when it is loaded. By default that is so long that
    with few cores a thread that is starting queues behind one that spins, for 40 ms."""
    name = "GOMP_SPINCOUNT"
    ours = name not in os.environ and "OMP_WAIT_POLICY" not in os.environ
    if ours:
        os.environ[name] = "10000"
    try:
        yield
    finally:
        if ours:
            del os.environ[name]


def load() -> ctypes.CDLL:
    """The library with the signatures of its functions set."""
    path = find()
    try:
        with _spinning_less():
            library = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(
            f"the shared library of speig could not be loaded: {error}. Build it "
            "(cmake -B build && cmake --build build) or let SPEIG_LIBRARY name it") from error
    for name, (result, arguments) in _structs.FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError as error:
            raise ImportError(f"{path} does not belong to this version of the module speig: it "
                              f"has no {name}") from error
        function.restype, function.argtypes = result, arguments
    _check(library, path)
    return library


lib = load()
