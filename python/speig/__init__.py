"""Eigenvalues and eigenvectors of large sparse matrices, with the calls of scipy.sparse.linalg.

    vals, vecs = speig.eigsh(A, k=10, which='LM', backend='lobpcg')

NumPy is needed, SciPy is used where it is present. See docs/python.md.
"""

from ._device import DeviceArray
from ._errors import ArpackError, ArpackNoConvergence, IllConditioned, SpeigError, UnsupportedError
from ._eigs import eigs
from ._eigsh import eigsh
from ._info import Info
from ._library import lib as _lib
from ._lobpcg import lobpcg
from ._run import Progress
from ._svds import svds

__version__: str = _lib.speig_version().decode()

__all__ = ["ArpackError", "ArpackNoConvergence", "DeviceArray", "IllConditioned", "Info", "Progress",
           "SpeigError", "UnsupportedError", "eigs", "eigsh", "lobpcg", "svds"]
