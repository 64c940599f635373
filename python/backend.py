"""Builds the wheel of the module speig (PEP 517, PEP 660) with nothing but Python and CMake.

The wheel holds the package and, in speig/_lib, the shared library with its modules. They come from
where SPEIG_LIBRARY points (a file or its folder), or are built in build-python of the source tree.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TREE = HERE.parent
OPTIONS = ("-DCMAKE_BUILD_TYPE=Release", "-DSPEIG_BUILD_CLI=OFF", "-DSPEIG_BUILD_TESTS=OFF",
           "-DSPEIG_BUILD_EXAMPLES=OFF", "-DCMAKE_INSTALL_LIBDIR=lib")


def version() -> str:
    found = re.search(r"project\(speig VERSION ([0-9.]+)", (TREE / "CMakeLists.txt").read_text())
    if not found:
        raise RuntimeError(f"{TREE}/CMakeLists.txt tells no version of speig")
    return found.group(1)


def metadata() -> str:
    return (f"Metadata-Version: 2.1\nName: speig\nVersion: {version()}\n"
            "Summary: Eigenvalues and eigenvectors of large sparse matrices\n"
            "License: BSD-3-Clause\nRequires-Python: >=3.9\nRequires-Dist: numpy>=1.22\n"
            "Provides-Extra: scipy\nRequires-Dist: scipy>=1.8; extra == 'scipy'\n"
            "Description-Content-Type: text/markdown\n\n"
            + (TREE / "docs" / "python.md").read_text())


# ---- the library ----

def _build() -> Path:
    build = TREE / "build-python"
    stage = Path(tempfile.mkdtemp(prefix="speig-"))
    for command in (["cmake", "-S", str(TREE), "-B", str(build), *OPTIONS],
                    ["cmake", "--build", str(build), "--parallel", str(os.cpu_count() or 1)],
                    ["cmake", "--install", str(build), "--prefix", str(stage)]):
        subprocess.run(command, check=True)
    return stage / "lib"


def libraries() -> dict[str, Path]:
    """What goes into speig/_lib, by the name it has there."""
    given = os.environ.get("SPEIG_LIBRARY")
    folder = Path(given) if given else _build()
    library = folder / "libspeig.so" if folder.is_dir() else folder
    if not library.is_file():
        raise RuntimeError(f"there is no shared library at {library}")
    found = {"libspeig.so": library.resolve()}
    for module in sorted((library.parent / "speig").glob("libspeig_*.so")):
        found[f"speig/{module.name}"] = module
    return found


# ---- the wheel ----

class Wheel:
    def __init__(self, folder: str, tag: str) -> None:
        self.info = f"speig-{version()}.dist-info"
        self.name = f"speig-{version()}-{tag}.whl"
        self.archive = zipfile.ZipFile(Path(folder) / self.name, "w", zipfile.ZIP_DEFLATED)
        self.record: list[str] = []
        self.add(f"{self.info}/METADATA", metadata().encode())
        self.add(f"{self.info}/WHEEL", (f"Wheel-Version: 1.0\nGenerator: speig\n"
                                        f"Root-Is-Purelib: false\nTag: {tag}\n").encode())

    def add(self, name: str, content: bytes) -> None:
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        self.record.append(f"{name},sha256={digest},{len(content)}")
        entry = zipfile.ZipInfo(name)  # without a date: equal contents make equal wheels
        entry.external_attr = 0o644 << 16
        self.archive.writestr(entry, content, zipfile.ZIP_DEFLATED)

    def close(self) -> str:
        self.archive.writestr(f"{self.info}/RECORD",
                              "\n".join(self.record + [f"{self.info}/RECORD,,", ""]))
        self.archive.close()
        return self.name


def platform_tag() -> str:
    return "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Any = None) -> str:
    """What pip wants to know before it has anything built."""
    folder = Path(metadata_directory) / f"speig-{version()}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(metadata())
    return folder.name


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    return []


def build_wheel(wheel_directory: str, config_settings: Any = None,
                metadata_directory: Any = None) -> str:
    found = libraries()
    wheel = Wheel(wheel_directory, platform_tag())
    for source in sorted((HERE / "speig").glob("*")):
        if source.suffix == ".py" or source.name == "py.typed":
            wheel.add(f"speig/{source.name}", source.read_bytes())
    for name, path in found.items():
        wheel.add(f"speig/_lib/{name}", path.read_bytes())
    if not os.environ.get("SPEIG_LIBRARY"):
        shutil.rmtree(found["libspeig.so"].parent.parent, ignore_errors=True)
    return wheel.close()


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    return []


def build_editable(wheel_directory: str, config_settings: Any = None,
                   metadata_directory: Any = None) -> str:
    """A link to this folder; the library is then taken from a build folder of the tree."""
    wheel = Wheel(wheel_directory, "py3-none-any")
    wheel.add("speig.pth", f"{HERE}\n".encode())
    return wheel.close()


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    raise NotImplementedError("speig is built from its source tree: pip install ./python")
