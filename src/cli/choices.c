/* choices.c: words that options of several verbs take. */
#include "choices.h"

#include <stddef.h>

const char *const choice_devices[] = { "auto", "host", "reference", "cuda", NULL };
const char *const choice_certify[] = { "auto", "always", "never", NULL };
const char *const choice_precisions[] = { "s", "d", NULL };
const char *const choice_progress[] = { "auto", "always", "never", NULL };
