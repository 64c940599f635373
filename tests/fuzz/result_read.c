/* result_read.c: any bytes as the JSON of a result. What was read are finite numbers, as many as
 * are counted. */
#include "target.h"

#include "cli/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  result_file result = { 0 };
  char *text = malloc(size + 1);
  if (!text)
    abort();
  memcpy(text, bytes, size);
  text[size] = '\0';
  if (result_parse("fuzz", text, size, &result) == CLI_OK)
    for (int32_t i = 0; i < (result.is_general ? 2 : 1) * result.k; ++i)
      if (!isfinite(result.values[i]))
        abort();
  result_free(&result);
  free(text);
  return 0;
}
