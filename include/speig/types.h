/* types.h: the words every speig header shares: scalar types, devices, status codes. */
#ifndef SPEIG_TYPES_H
#define SPEIG_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "speig/version.h"

#if defined(SPEIG_STATIC)
#define SPEIG_API
#elif defined(__GNUC__)
#define SPEIG_API __attribute__((visibility("default")))
#else
#define SPEIG_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Scalar type of a matrix or block: float, double, and their complex forms. A complex number is
 * two consecutive reals (real part first), as in C, C++, Fortran, LAPACK and NumPy.             */
typedef enum speig_dtype { SPEIG_S = 0, SPEIG_D = 1, SPEIG_C = 2, SPEIG_Z = 3 } speig_dtype;

/* Where blocks live and products run. AUTO lets speig choose. REFERENCE is plain loops on the
 * host: slow and simple, the oracle every other backend is tested against.                      */
typedef enum speig_device {
  SPEIG_DEVICE_AUTO = 0,
  SPEIG_HOST = 1,
  SPEIG_REFERENCE = 2,
  SPEIG_CUDA = 3
} speig_device;

/* What happens to arrays handed over. COPY: speig copies, the caller keeps his own. BORROW: speig
 * reads the caller's arrays, which must outlive the handle and not change. ADOPT: speig takes
 * them over and releases them with free(); on failure they still belong to the caller.          */
typedef enum speig_ownership { SPEIG_COPY = 0, SPEIG_BORROW = 1, SPEIG_ADOPT = 2 } speig_ownership;

/* Every status code with its text, in one list, so that the two cannot drift apart. */
#define SPEIG_STATUS_LIST(X)                                                                       \
  X(SPEIG_OK, 0, "success")                                                                        \
  X(SPEIG_ERR_ARG, 1, "invalid argument")                                                          \
  X(SPEIG_ERR_MEMORY, 2, "out of memory")                                                          \
  X(SPEIG_ERR_FORMAT, 3, "malformed input")                                                        \
  X(SPEIG_ERR_IO, 4, "input or output failed")                                                     \
  X(SPEIG_ERR_DEVICE, 5, "device unavailable")                                                     \
  X(SPEIG_ERR_UNSUPPORTED, 6, "not supported")                                                     \
  X(SPEIG_ERR_NUMERIC, 7, "numerical failure")                                                     \
  X(SPEIG_ERR_CALLBACK, 8, "user callback failed")                                                 \
  X(SPEIG_ERR_INTERNAL, 9, "internal error")

#define SPEIG_STATUS_ENUM(name, code, text) name = code,
typedef enum speig_status { SPEIG_STATUS_LIST(SPEIG_STATUS_ENUM) SPEIG_STATUS_COUNT } speig_status;
#undef SPEIG_STATUS_ENUM

/* Short text of a status code, for example "out of memory". Never NULL. */
SPEIG_API const char *speig_status_text(speig_status status);

/* The calling thread's last error: what failed, the value found and the value needed. Empty before
 * the first failure; overwritten by the next one; a successful call leaves it alone. Never NULL. */
SPEIG_API const char *speig_last_error(void);

/* Where that error was raised and how it travelled, one "at FUNCTION (FILE:LINE)" per line. */
SPEIG_API const char *speig_last_error_trace(void);

/* Version of the library that runs, for example "0.1.0"; compare with SPEIG_VERSION of the headers.
 */
SPEIG_API const char *speig_version(void);

/* "s", "d", "c", "z". */
SPEIG_API const char *speig_dtype_name(speig_dtype dtype);
/* Bytes of one scalar: 4, 8, 8, 16. */
SPEIG_API size_t speig_dtype_size(speig_dtype dtype);
/* Bytes of a public structure in the library that runs, by its name ("speig_eigsh_opts"); 0 when it
 * has none of that name. For languages that declare the structures themselves: a size that differs
 * from theirs tells them that library and declarations do not belong together.                  */
SPEIG_API size_t speig_struct_size(const char *name);
/* "auto", "host", "reference", "cuda". */
SPEIG_API const char *speig_device_name(speig_device device);

#ifdef __cplusplus
}
#endif
#endif
