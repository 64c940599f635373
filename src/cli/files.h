/* files.h: files that the command itself reads and writes; "-" is standard input or output. */
#ifndef SPEIG_SRC_CLI_FILES_H
#define SPEIG_SRC_CLI_FILES_H

#include <stddef.h>
#include <stdio.h>

/* Functions returning int return exit codes and have said why. */

/* The whole file with a terminating zero, which *size does not count; release with free. */
int file_read_all(const char *path, char **text, size_t *size);
/* Zero for pipes and the like, which can be read only once. */
int file_is_regular(const char *path);

/* Opens what is to become the file at path: it appears there when it is complete, and until then
 * what was there before stays. Devices and pipes are written to as they are. */
int output_open(const char *path, FILE **out);
/* Flushes, closes, and puts the file in its place; one that could not be written in full is removed.
 * Errors on standard output are left to main, which looks at it last. */
int output_close(const char *path, FILE *out);

#endif
