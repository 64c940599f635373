"""The declarations of _structs.py against the C headers and the library's own words."""

import ctypes
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import speig
from speig import _structs
from speig._library import lib

TREE = Path(__file__).resolve().parents[2]


def compiled_layout():
    """{structure: {field: offset, "": size}} as the C compiler lays them out."""
    lines = ["#include <stddef.h>", "#include <stdio.h>", "#include <speig/speig.h>",
             "int main(void)", "{"]
    for name, structure in _structs.STRUCTURES.items():
        lines.append(f'  printf("{name}  %zu\\n", sizeof({name}));')
        for field, *_ in structure._fields_:
            lines.append(f'  printf("{name} {field} %zu\\n", offsetof({name}, {field}));')
    lines += ["  return 0;", "}", ""]
    layout = {name: {} for name in _structs.STRUCTURES}
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "layout.c", Path(folder) / "layout"
        source.write_text("\n".join(lines))
        subprocess.run([os.environ.get("CC", "cc"), "-I", TREE / "include", "-I",
                        os.environ["SPEIG_TEST_INCLUDE"], source, "-o", program], check=True)
        for line in subprocess.run([program], check=True, capture_output=True,
                                   text=True).stdout.splitlines():
            name, field, number = line.split(" ")
            layout[name][field] = int(number)
    return layout


@unittest.skipUnless(os.environ.get("SPEIG_TEST_INCLUDE"), "SPEIG_TEST_INCLUDE is not set")
@unittest.skipUnless(shutil.which(os.environ.get("CC", "cc")), "no C compiler")
class Layout(unittest.TestCase):
    def test_offsets_and_sizes(self):
        for name, fields in compiled_layout().items():
            structure = _structs.STRUCTURES[name]
            for field, offset in fields.items():
                with self.subTest(structure=name, field=field):
                    here = getattr(structure, field).offset if field else ctypes.sizeof(structure)
                    self.assertEqual(here, offset, f"python/speig/_structs.py: {name}.{field} "
                                     "is elsewhere in the headers")


class Words(unittest.TestCase):
    def test_enumerations(self):
        for function, words in (("speig_which_name", _structs.WHICH),
                                ("speig_eigs_which_name", _structs.EIGS_WHICH),
                                ("speig_method_name", _structs.METHODS),
                                ("speig_outcome_name", _structs.OUTCOMES),
                                ("speig_reason_name", _structs.REASONS),
                                ("speig_device_name", _structs.DEVICES)):
            name = getattr(lib, function)
            name.restype, name.argtypes = ctypes.c_char_p, [ctypes.c_int]
            told = [name(code).decode() for code in range(len(words))]
            self.assertEqual(told, list(words), function)

    def test_scalar_types(self):
        lib.speig_dtype_size.restype = ctypes.c_size_t
        for code, dtype in enumerate(_structs.DTYPES):
            self.assertEqual(lib.speig_dtype_size(code), dtype.itemsize)

    def test_default_options(self):
        for opts, init in ((_structs.EigshOpts(), lib.speig_eigsh_opts_init),
                           (_structs.EigsOpts(), lib.speig_eigs_opts_init),
                           (_structs.SvdsOpts(), lib.speig_svds_opts_init)):
            init(ctypes.byref(opts))
            self.assertEqual(opts.size, ctypes.sizeof(opts))
            self.assertEqual((opts.k, opts.seed), (6, 1))

    def test_version(self):
        self.assertRegex(speig.__version__, r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main()
