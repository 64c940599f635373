/* options.c: the command line of one verb, parsed from its option table. */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const cli_option *verb_option(const cli_verb *verb, int i)
{
  const cli_option *option = verb->options;
  for (; option->type && i > 0; --i)
    ++option;
  const cli_option *const more[] = { verb->shared, verb->further };
  for (int table = 0; table < 2 && !option->type && more[table]; ++table)
    for (option = more[table]; option->type && i > 0; --i)
      ++option;
  return option;
}

/* ---- values ---- */

static void *field_of(const cli_option *option, void *fields)
{
  return (char *)fields + option->field;
}

/* The option as messages call it: --tol, -k. */
static const char *label(const cli_option *option, char *text, size_t size)
{
  if (option->name)
    snprintf(text, size, "--%s", option->name);
  else
    snprintf(text, size, "-%c", option->letter);
  return text;
}

static int complain(const cli_option *option, const char *text, const char *needed)
{
  char name[80];
  return say_error(CLI_USAGE, "%s: found '%s', needed %s", label(option, name, sizeof name), text,
                   needed);
}

static void range_text(const cli_option *option, const char *kind, char *text, size_t size)
{
  if (option->most > 0)
    snprintf(text, size, "%s from %.15g to %.15g", kind, option->least, option->most);
  else
    snprintf(text, size, "%s, at least %.15g", kind, option->least);
}

static int parse_int(const cli_option *option, const char *text, int64_t *out)
{
  char *end = NULL;
  char needed[120];
  errno = 0;
  long long value = strtoll(text, &end, 10);
  int in_range =
      (double)value >= option->least && (option->most <= 0 || (double)value <= option->most);
  if (end == text || *end || errno || isspace((unsigned char)*text) || !in_range) {
    range_text(option, "a whole number", needed, sizeof needed);
    return complain(option, text, needed);
  }
  *out = value;
  return OPTIONS_GO;
}

static int parse_seed(const cli_option *option, const char *text, uint64_t *out)
{
  char *end = NULL;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (!isdigit((unsigned char)*text) || *end || errno)
    return complain(option, text, "a whole number from 0 to 18446744073709551615");
  *out = value;
  return OPTIONS_GO;
}

static int parse_real(const cli_option *option, const char *text, double *out)
{
  char *end = NULL;
  char needed[120];
  double value = strtod(text, &end);
  int in_range =
      isfinite(value) && value >= option->least && (option->most <= 0 || value <= option->most);
  if (end == text || *end || isspace((unsigned char)*text) || !in_range) {
    range_text(option, "a finite number", needed, sizeof needed);
    return complain(option, text, needed);
  }
  *out = value;
  return OPTIONS_GO;
}

static int parse_bytes(const cli_option *option, const char *text, size_t *out)
{
  static const char suffixes[] = "KMGT";
  static const char needed[] = "a positive number of bytes, with K, M, G or T for powers of 1024";
  char *end = NULL;
  double value = strtod(text, &end);
  if (end == text || !(isdigit((unsigned char)*text) || *text == '.'))
    return complain(option, text, needed);
  const char *suffix = *end ? strchr(suffixes, toupper((unsigned char)*end)) : NULL;
  if (suffix) {
    value = ldexp(value, 10 * (int)(suffix - suffixes + 1));
    ++end;
  }
  if (*end || !(value >= 1) || value >= 0x1p63)
    return complain(option, text, needed);
  *out = (size_t)value;
  return OPTIONS_GO;
}

static int parse_choice(const cli_option *option, const char *text, int *out)
{
  char needed[200] = "one of";
  size_t used = strlen(needed);
  for (int i = 0; option->choices[i]; ++i) {
    if (strcasecmp(text, option->choices[i]) == 0) {
      *out = i;
      return OPTIONS_GO;
    }
    used += (size_t)snprintf(needed + used, sizeof needed - used, "%s %s", i ? "," : "",
                             option->choices[i]);
  }
  return complain(option, text, needed);
}

static int set_value(const cli_option *option, const char *text, void *fields)
{
  void *field = field_of(option, fields);
  switch (option->type) {
  case OPTION_FLAG:
    *(int *)field = 1;
    return OPTIONS_GO;
  case OPTION_TEXT:
  case OPTION_FILE:
    *(const char **)field = text;
    return *text ? OPTIONS_GO : complain(option, text, "a name");
  case OPTION_INT:
    return parse_int(option, text, field);
  case OPTION_SEED:
    return parse_seed(option, text, field);
  case OPTION_REAL:
    return parse_real(option, text, field);
  case OPTION_BYTES:
    return parse_bytes(option, text, field);
  case OPTION_CHOICE:
    return parse_choice(option, text, field);
  default:
    return say_error(CLI_USAGE, "%s", option->help);
  }
}

/* ---- names ---- */

void option_spelling(const cli_option *option, char *text, size_t size)
{
  char letter[4] = "";
  if (option->letter)
    snprintf(letter, sizeof letter, "-%c", option->letter);
  const char *argument = option->argument ? option->argument : "";
  const char *joint = !option->argument ? "" : option->bare ? "[=" : " ";
  snprintf(text, size, "%s%s%s%s%s%s%s", letter, option->letter && option->name ? ", " : "",
           option->name ? "--" : "", option->name ? option->name : "", joint, argument,
           option->argument && option->bare ? "]" : "");
}

/* Edit distance: insertions, deletions, substitutions and swaps of neighbours (Damerau 1964, the
 * restricted form), on three rows. */
static int edit_distance(const char *a, const char *b)
{
  enum { LONGEST = 63 };
  int rows[3][LONGEST + 1];
  int m = (int)strlen(a), n = (int)strlen(b);
  if (m > LONGEST || n > LONGEST)
    return LONGEST;
  for (int j = 0; j <= n; ++j)
    rows[0][j] = j;
  for (int i = 1; i <= m; ++i) {
    int *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
    row[0] = i;
    for (int j = 1; j <= n; ++j) {
      int best = above[j - 1] + (a[i - 1] != b[j - 1]);
      if (above[j] + 1 < best)
        best = above[j] + 1;
      if (row[j - 1] + 1 < best)
        best = row[j - 1] + 1;
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
          above2[j - 2] + 1 < best)
        best = above2[j - 2] + 1;
      row[j] = best;
    }
  }
  return rows[m % 3][n];
}

const char *nearest_name(const char *word, const char *const *names)
{
  const char *nearest = NULL;
  size_t length = strlen(word);
  int limit = length <= 2 ? 1 : length <= 5 ? 2 : 3;
  for (; *names; ++names) {
    int distance = edit_distance(word, *names);
    /* A beginning counts as near: --max for --max-matvecs. */
    if (distance > limit && length >= 3 && strncmp(word, *names, length) == 0)
      distance = limit;
    if (distance <= limit && distance < (int)strlen(*names)) {
      if (distance < limit || !nearest) {
        nearest = *names;
        limit = distance;
      }
    }
  }
  return nearest;
}

static int unknown_option(const cli_verb *verb, const char *name)
{
  const char *names[64] = { "help" };
  int count = 1;
  const cli_option *option;
  for (int i = 0; (option = verb_option(verb, i))->type && count < 63; ++i)
    if (option->name && option->type != OPTION_REFUSED)
      names[count++] = option->name;
  names[count] = NULL;
  const char *nearest = nearest_name(name, names);
  if (nearest)
    return say_error(CLI_USAGE, "speig %s has no option --%s; the nearest is --%s", verb->name,
                     name, nearest);
  /* --k or --kk for -k */
  for (int i = 0; (option = verb_option(verb, i))->type && strlen(name) <= 2; ++i)
    if (option->letter && !option->name && name[0] == option->letter)
      return say_error(CLI_USAGE, "speig %s has no option --%s; the nearest is -%c", verb->name,
                       name, option->letter);
  return say_error(CLI_USAGE, "speig %s has no option --%s; 'speig help %s' lists them", verb->name,
                   name, verb->name);
}

/* ---- the command line ---- */

typedef struct scanner {
  const cli_verb *verb;
  void *fields;
  char **arguments;
  int count, next;
} scanner;

/* The argument of an option that needs one and has none joined to it. */
static int take_argument(scanner *in, const cli_option *option, const char **text)
{
  char name[80];
  *text = in->next < in->count ? in->arguments[in->next] : NULL;
  /* "--vectors --json" is a forgotten name, not a file called --json. */
  int is_option = *text && (*text)[0] == '-' && (*text)[1] == '-';
  if (!*text || is_option) {
    return say_error(CLI_USAGE, "%s needs an argument (%s)%s%s", label(option, name, sizeof name),
                     option->argument, is_option ? ", found " : "", is_option ? *text : "");
  }
  ++in->next;
  return OPTIONS_GO;
}

static int parse_long(scanner *in, const char *body)
{
  char name[64];
  const char *joined = strchr(body, '=');
  size_t length = joined ? (size_t)(joined - body) : strlen(body);
  if (length >= sizeof name)
    return say_error(CLI_USAGE, "speig %s has no option --%s", in->verb->name, body);
  memcpy(name, body, length);
  name[length] = '\0';
  const char *text = joined ? joined + 1 : NULL;
  if (strcmp(name, "help") == 0 && !joined) {
    usage_verb(stdout, in->verb);
    return CLI_OK;
  }
  const cli_option *option;
  for (int i = 0; (option = verb_option(in->verb, i))->type; ++i)
    if (option->name && strcmp(option->name, name) == 0)
      break;
  if (!option->type)
    return unknown_option(in->verb, name);
  if (option->type == OPTION_FLAG && joined)
    return say_error(CLI_USAGE, "--%s takes no argument, found '%s'", name, text);
  if (!text && option->type != OPTION_FLAG && option->type != OPTION_REFUSED) {
    text = option->bare;
    int code = text ? OPTIONS_GO : take_argument(in, option, &text);
    if (code != OPTIONS_GO)
      return code;
  }
  return set_value(option, text, in->fields);
}

/* -k10, -k 10, and flags in one word: -qv. */
static int parse_letters(scanner *in, const char *letters)
{
  for (; *letters; ++letters) {
    if (*letters == 'h') {
      usage_verb(stdout, in->verb);
      return CLI_OK;
    }
    const cli_option *option;
    for (int i = 0; (option = verb_option(in->verb, i))->type; ++i)
      if (option->letter == *letters)
        break;
    if (!option->type)
      return say_error(CLI_USAGE, "speig %s has no option -%c; 'speig help %s' lists them",
                       in->verb->name, *letters, in->verb->name);
    const char *text = letters + 1;
    int code = OPTIONS_GO;
    if (option->type != OPTION_FLAG && !*text)
      code = take_argument(in, option, &text);
    if (code == OPTIONS_GO)
      code = set_value(option, text, in->fields);
    if (code != OPTIONS_GO || option->type != OPTION_FLAG)
      return code;
  }
  return OPTIONS_GO;
}

static int check_operands(const cli_verb *verb, int count, char **operands)
{
  if (verb->most_operands >= 0 && count > verb->most_operands)
    return say_error(CLI_USAGE, "speig %s: '%s' is one argument too many; usage: speig %s %s",
                     verb->name, operands[verb->most_operands], verb->name, verb->operands);
  if (count < verb->least_operands)
    return say_error(CLI_USAGE, "speig %s: %d argument%s found, needed: speig %s [options] %s",
                     verb->name, count, count == 1 ? "" : "s", verb->name, verb->operands);
  return OPTIONS_GO;
}

int options_parse(const cli_verb *verb, int *count, char **arguments, void *fields)
{
  scanner in = { .verb = verb, .fields = fields, .arguments = arguments, .count = *count };
  int operands = 0, only_operands = 0, code = OPTIONS_GO;
  const cli_option *option;
  for (int i = 0; (option = verb_option(verb, i))->type; ++i)
    if (option->preset && (code = set_value(option, option->preset, fields)) != OPTIONS_GO)
      return code;
  while (in.next < in.count) {
    char *word = arguments[in.next++];
    if (only_operands || word[0] != '-' || word[1] == '\0')
      arguments[operands++] = word; /* a place already read */
    else if (word[1] != '-')
      code = parse_letters(&in, word + 1);
    else if (word[2] == '\0')
      only_operands = 1;
    else
      code = parse_long(&in, word + 2);
    if (code != OPTIONS_GO)
      return code;
  }
  *count = operands;
  return check_operands(verb, operands, arguments);
}
