/* cli.h: what the verbs of the speig command share: exit codes, the verb table, messages. */
#ifndef SPEIG_SRC_CLI_CLI_H
#define SPEIG_SRC_CLI_CLI_H

#include <speig/speig.h>

#include "options.h"

/* Exit codes, as documented in the man page; one meaning for every verb. */
enum {
  CLI_OK = 0,
  CLI_FAILURE = 1, /* numerical or internal failure, or output that could not be written */
  CLI_USAGE = 2, /* command line wrong, or it asks what this release or this matrix cannot give */
  CLI_FEWER = 3, /* fewer pairs than wanted; those found were printed */
  CLI_INPUT = 4, /* unreadable or malformed input */
  CLI_MEMORY = 5, /* out of memory, or over --memory */
  CLI_DEVICE = 6, /* device not available */
  CLI_WRONG = 7, /* verify: the pairs are not what they claim to be */
  CLI_INTERRUPTED = 130 /* Ctrl-C; what was found was printed */
};

/* One meaning of an exit code, for the man page and the help. */
typedef struct cli_exit_code {
  int code;
  const char *meaning;
} cli_exit_code;
extern const cli_exit_code cli_exit_codes[]; /* ends with meaning NULL */

extern const cli_verb verb_solve, verb_svds, verb_count, verb_verify, verb_info, verb_convert,
    verb_spmv, verb_generate, verb_devices, verb_plot, verb_report, verb_help;
/* All verbs in the order of the help; ends with NULL. The first is the default one. */
extern const cli_verb *const cli_verbs[];
/* The verb of that name, or NULL. */
const cli_verb *cli_find_verb(const char *name);

/* ---- messages: standard error, one line each, "speig: ..." ---- */

#define CLI_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))

typedef enum say_level { SAY_QUIET = -1, SAY_NORMAL = 0, SAY_VERBOSE = 1 } say_level;
/* Quiet drops notes; verbose adds details and, to errors, the trace of calls. */
void say_set_level(say_level level);

/* Prints the message; returns code. */
int say_error(int code, const char *format, ...) CLI_PRINTF(2, 3);
/* Unless quiet. */
void say_note(const char *format, ...) CLI_PRINTF(1, 2);
/* A note when the answer may lack something though the caller did not renounce the check. */
void note_unchecked(speig_outcome outcome, speig_certify certify);
/* Only when verbose. */
void say_detail(const char *format, ...) CLI_PRINTF(1, 2);
/* Prints the library's last error unless st is SPEIG_OK; returns the exit code that st stands for.
 */
int say_status(speig_status st);
/* The same for a call that writes: SPEIG_ERR_IO is then a failure to write, not an unreadable
 * input. */
int say_write_status(speig_status st);

/* For functions with `int code` and a `done:` label. */
#define CLI_TRY(call)                                                                              \
  do {                                                                                             \
    code = (call);                                                                                 \
    if (code != CLI_OK)                                                                            \
      goto done;                                                                                   \
  } while (0)
#define CLI_FAIL(exit_code, ...)                                                                   \
  do {                                                                                             \
    code = say_error((exit_code), __VA_ARGS__);                                                    \
    goto done;                                                                                     \
  } while (0)

/* count x size bytes, zeroed; at least one byte. Says so and returns CLI_MEMORY on failure. */
int cli_alloc(int64_t count, size_t size, const char *what, void **out);
#define CLI_ARRAY(count, what, out) cli_alloc((count), sizeof **(out), (what), (void **)(out))

/* Seconds of a monotonic clock. */
double cli_seconds(void);

#endif
