/* module.h: heavy parts that are opened when first needed. A module is a shared object
 * libspeig_NAME.so with one entry, `const T *ENTRY(void)`, which hands out a table whose first
 * member is its ABI number (int32_t). It needs no symbol of speig, and shows none of its own to the
 * rest of the process.                                                                          */
#ifndef SPEIG_SRC_BASE_MODULE_H
#define SPEIG_SRC_BASE_MODULE_H

#include "speig/types.h"

/* *table = what the module's entry `symbol` returns. Looks in the folders of SPEIG_MODULE_PATH
 * (colon-separated), then in speig/ beside the library or program that holds this code, then where
 * speig was to be installed; takes the first file there is. A module stays open, and later calls
 * give the same table; several threads may call.
 *
 * Errors: UNSUPPORTED, with the folders searched, the linker's words, or both ABI numbers.      */
speig_status module_open(const char *name, const char *symbol, int32_t abi, const void **table);

#endif
