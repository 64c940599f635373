/* block_read.c: any bytes as a file of vectors or values: .npy, text, Matrix Market. What was read
 * is there in full, and can be turned into every type or is refused. */
#include "target.h"

#include "base/memory.h"
#include "cli/blockfile.h"

#include <stdlib.h>
#include <string.h>

/* Every number of the block is read, so that a sanitizer sees each one. */
static double sum_of(const speig_block *X)
{
  const int parts = X->dtype >= SPEIG_C ? 2 : 1;
  double sum = 0;
  for (int64_t j = 0; X->rows > 0 && j < X->cols; ++j)
    for (int64_t i = 0; i < parts * X->rows; ++i)
      sum += X->dtype == SPEIG_S || X->dtype == SPEIG_C
                 ? (double)((const float *)X->data)[parts * X->ld * j + i]
                 : ((const double *)X->data)[parts * X->ld * j + i];
  return sum;
}

/* Digits in the longest row of them. */
static size_t longest_number(const uint8_t *bytes, size_t size)
{
  size_t longest = 0, here = 0;
  for (size_t i = 0; i < size; ++i) {
    here = bytes[i] >= '0' && bytes[i] <= '9' ? here + 1 : 0;
    longest = here > longest ? here : longest;
  }
  return longest;
}

/* Matrices have a target of their own, and as dense blocks take long, those of millions of columns
 * seconds each: some of them will do. */
static int is_left_out(const uint8_t *bytes, size_t size)
{
  enum { SHORT = 4 };
  if (size <= 2 || (memcmp(bytes, "%%", 2) != 0 && memcmp(bytes, "\x1f\x8b", 2) != 0))
    return 0;
  return size % (longest_number(bytes, size) > SHORT ? 1024 : 8) != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static volatile double total; /* what is added up cannot be left out */
  double sum = 0;
  speig_block X = { 0 };
  if (is_left_out(bytes, size))
    return 0;
  char *text = malloc(size + 1);
  if (!text)
    abort();
  memcpy(text, bytes, size);
  text[size] = '\0';
  if (block_read_memory("fuzz", text, size, &X) == 0) {
    if (X.rows < 0 || X.cols < 0 || X.ld < X.rows)
      abort();
    sum += sum_of(&X);
    for (int type = SPEIG_S; type <= SPEIG_Z; ++type) {
      speig_block other = { 0 };
      if (block_convert(&X, (speig_dtype)type, "fuzz", &other) == 0)
        sum += sum_of(&other);
      speig_block_free(&other);
    }
  } else if (X.data) {
    abort(); /* nothing is handed out on failure */
  }
  speig_block_free(&X);
  free(text);
  total = total + sum;
  if (mem_account_read().current != 0)
    abort();
  return 0;
}
