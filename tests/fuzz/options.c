/* options.c: any words as the command line of any verb: the first byte chooses the verb, a line is
 * a word. Numbers that are taken lie where the option table says. */
#include "target.h"

#include "cli/cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 64, FIELDS = 4096 };

/* Every option of the verb whose field is a number. */
static void check_ranges(const cli_verb *verb, const char *fields)
{
  const cli_option *option;
  for (int i = 0; (option = verb_option(verb, i))->type; ++i) {
    const char *field = fields + option->field;
    double value = option->least;
    if (option->type == OPTION_INT) {
      int64_t number;
      memcpy(&number, field, sizeof number);
      value = (double)number;
    } else if (option->type == OPTION_REAL) {
      memcpy(&value, field, sizeof value);
    } else if (option->type == OPTION_CHOICE) {
      int index, count = 0;
      memcpy(&index, field, sizeof index);
      while (option->choices[count])
        ++count;
      if (index < 0 || index >= count)
        abort();
    }
    /* 0 is also what an option that was not given leaves. */
    if (value != 0 &&
        (!isfinite(value) || value < option->least || (option->most > 0 && value > option->most)))
      abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  _Alignas(16) char fields[FIELDS] = { 0 };
  char *words[WORDS], *text;
  int count = 0, verbs = 0;
  while (cli_verbs[verbs])
    ++verbs;
  if (size == 0)
    return 0;
  const cli_verb *verb = cli_verbs[bytes[0] % verbs];
  text = malloc(size);
  if (!text)
    abort();
  memcpy(text, bytes + 1, size - 1);
  text[size - 1] = '\0';
  for (char *at = text; at && count < WORDS; ++count) {
    words[count] = at;
    at = strchr(at, '\n');
    if (at)
      *at++ = '\0';
  }
  const int given = count;
  if (options_parse(verb, &count, words, fields) == OPTIONS_GO) {
    check_ranges(verb, fields);
    if (count > given || count < verb->least_operands ||
        (verb->most_operands >= 0 && count > verb->most_operands))
      abort();
  }
  free(text);
  return 0;
}
