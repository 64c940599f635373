/* error.h: status codes with a thread-local message, and the three macros that raise and pass them.
 *
 * A function that uses them starts with `speig_status st = SPEIG_OK;`, sets every owned pointer to
 * NULL before the first TRY, and has one `done:` label that releases everything.                */
#ifndef SPEIG_SRC_BASE_ERROR_H
#define SPEIG_SRC_BASE_ERROR_H

#include "speig/types.h"

#ifdef __GNUC__
#define SPEIG_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))
#else
#define SPEIG_PRINTF(format_index, first)
#endif

/* Sets the message and starts a new trace; returns st. */
speig_status error_raise(speig_status st, const char *file, int line, const char *func,
                         const char *format, ...) SPEIG_PRINTF(5, 6);
/* Adds one place to the trace; returns st. */
speig_status error_trace(speig_status st, const char *file, int line, const char *func);

/* Leave through done: with a status and a message that names the thing, the value found and the
 * value needed.                                                                                 */
#define FAIL(code, ...)                                                                            \
  do {                                                                                             \
    st = error_raise((code), __FILE__, __LINE__, __func__, __VA_ARGS__);                           \
    goto done;                                                                                     \
  } while (0)

#define REQUIRE(condition, ...)                                                                    \
  do {                                                                                             \
    if (!(condition))                                                                              \
      FAIL(SPEIG_ERR_ARG, __VA_ARGS__);                                                            \
  } while (0)

#define TRY(call)                                                                                  \
  do {                                                                                             \
    st = (call);                                                                                   \
    if (st != SPEIG_OK) {                                                                          \
      (void)error_trace(st, __FILE__, __LINE__, __func__);                                         \
      goto done;                                                                                   \
    }                                                                                              \
  } while (0)

#endif
