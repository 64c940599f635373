/* output.h: files written by the command; "-" is standard output. */
#ifndef SPEIG_SRC_CLI_OUTPUT_H
#define SPEIG_SRC_CLI_OUTPUT_H

#include <stdio.h>

/* Both return exit codes and have said why. */
int output_open(const char *path, FILE **out);
/* Flushes and closes; a regular file that could not be written in full is removed. Errors on
 * standard output are left to main, which looks at it last. */
int output_close(const char *path, FILE *out);
/* A half-written file goes; a device or a pipe that was written to stays. */
void output_remove(const char *path);

#endif
