/* shapes.h: what the wrappers of the seam demand of their operands, with both shapes named. */
#ifndef SPEIG_SRC_BACKEND_SHAPES_H
#define SPEIG_SRC_BACKEND_SHAPES_H

#include "base/error.h"

#include <inttypes.h>

#define REQUIRE_SHAPE(name, rows, cols, want_rows, want_cols)                                      \
  REQUIRE((int64_t)(rows) == (int64_t)(want_rows) && (int64_t)(cols) == (int64_t)(want_cols),      \
          name " is %" PRId64 " x %" PRId64 ", %" PRId64 " x %" PRId64 " needed", (int64_t)(rows), \
          (int64_t)(cols), (int64_t)(want_rows), (int64_t)(want_cols))
#define REQUIRE_LIKE(name, Y, X) REQUIRE_SHAPE(name, (Y)->n, (Y)->p, (X)->n, (X)->p)
#define REQUIRE_LEADING(ldh, X)                                                                    \
  REQUIRE((ldh) >= (X)->n, "leading dimension %" PRId64 " of a block with %" PRId64 " rows",       \
          (int64_t)(ldh), (X)->n)

#endif
