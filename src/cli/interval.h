/* interval.h: an interval as the command line has it. */
#ifndef SPEIG_SRC_CLI_INTERVAL_H
#define SPEIG_SRC_CLI_INTERVAL_H

#include <stddef.h>

/* "a,b" with a <= b; -inf and inf are ends, too. option: its name for messages. Returns an exit
 * code and has said why. */
int interval_parse(const char *option, const char *text, double ends[2]);
/* One number, -inf and inf included. */
int interval_parse_end(const char *option, const char *text, double *end);
/* "[0.5, inf)" with `digits` significant digits. */
void interval_text(const double ends[2], int digits, char *text, size_t size);

#endif
