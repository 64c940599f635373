/* blockfile.h: dense blocks (vectors, values) in files: Matrix Market, NumPy's .npy, plain text. */
#ifndef SPEIG_SRC_CLI_BLOCKFILE_H
#define SPEIG_SRC_CLI_BLOCKFILE_H

#include <speig/speig.h>

#include <stdio.h>

/* All return exit codes of cli.h and have said why. Blocks read are released with
 * speig_block_free. */

/* Reads a block, in the type of the file (text: double, one number per line, a column). The format
 * is told by content. path "-" is standard input; pipes are read into memory first. */
int block_read(const char *path, speig_block *out);
/* The same from bytes that are in memory; path names them in messages. */
int block_read_memory(const char *path, const char *text, size_t size, speig_block *out);
/* The same, converted: refused when an imaginary part would be lost. */
int block_read_as(const char *path, speig_dtype dtype, speig_block *out);
/* X in another type. */
int block_convert(const speig_block *X, speig_dtype dtype, const char *path, speig_block *out);
/* Writes .npy when the name ends so, else a Matrix Market array (gzip when it ends in .gz). */
int block_write(const char *path, const speig_block *X);

/* npy.c. in must be able to seek; path names it in messages. */
int npy_read(const char *path, FILE *in, speig_block *out);
int npy_write(const char *path, const speig_block *X);

/* Nonzero when name ends in ending. */
int has_ending(const char *name, const char *ending);

#endif
