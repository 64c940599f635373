/* options.h: one table per verb, from which the command line is parsed and the help, the man page
 * and the shell completion are made. */
#ifndef SPEIG_SRC_CLI_OPTIONS_H
#define SPEIG_SRC_CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What an option takes, and the type of the field it sets. */
typedef enum option_type {
  OPTION_END = 0,
  OPTION_FLAG, /* int: 1 when given */
  OPTION_TEXT, /* const char * */
  OPTION_FILE, /* const char *: completed as a file name */
  OPTION_INT, /* int64_t in [least, most] */
  OPTION_SEED, /* uint64_t */
  OPTION_REAL, /* double in [least, most] */
  OPTION_BYTES, /* size_t, with a suffix K, M, G or T for powers of 1024 */
  OPTION_CHOICE, /* int: index in choices; letter case does not matter */
  OPTION_REFUSED /* known but not available: help says why; in no help */
} option_type;

typedef struct cli_option {
  option_type type;
  char letter; /* 'k' for -k; 0: none */
  const char *name; /* "tol" for --tol; NULL: none */
  const char *argument; /* what the help calls the argument: "N"; NULL for flags */
  size_t field; /* offset of the field in the verb's struct */
  const char *preset; /* default, parsed like an argument; NULL: 0, absent */
  const char *bare; /* the value when given without argument; NULL: an argument is required. With
                       it, an argument must be joined: --json=FILE */
  const char *const *choices; /* OPTION_CHOICE: ends with NULL */
  double least, most; /* OPTION_INT, OPTION_REAL; most 0: no upper limit */
  const char *help;
} cli_option;

typedef struct cli_verb {
  const char *name;
  const char *operands; /* "A.mtx"; what stands in the usage line */
  int least_operands, most_operands; /* most -1: any number */
  const char *summary; /* half a line */
  const char *details; /* paragraphs, separated by empty lines */
  const char *const *examples; /* pairs: command line, what it does; ends with NULL; may be NULL */
  const cli_option *options; /* ends with OPTION_END */
  const cli_option *shared; /* more of them, in a table that other verbs have, too: its struct is
                               the first member of the verb's own; may be NULL */
  const cli_option *further; /* a third table, likewise */
  int (*run)(int argc, char **argv); /* arguments after the verb; returns the exit code */
} cli_verb;

enum { OPTIONS_GO = -1 };

/* Fills the verb's struct from its defaults and the arguments. *count arguments are replaced by the
 * operands, in order. Returns OPTIONS_GO, or the exit code to end with: 0 after --help, else 2, the
 * reason having been printed. */
int options_parse(const cli_verb *verb, int *count, char **arguments, void *fields);

/* Option number i of the verb, its own first; OPTION_END behind the last one. */
const cli_option *verb_option(const cli_verb *verb, int i);

/* The option as help and man page show it, for example "-o, --output FILE". */
void option_spelling(const cli_option *option, char *text, size_t size);

/* The entry of `names` (ends with NULL) nearest to word by edit distance, or NULL when none is
 * near. */
const char *nearest_name(const char *word, const char *const *names);

/* usage.c: the help of one verb, of the command, the man page and the completion. */
void usage_verb(FILE *out, const cli_verb *verb);
void usage_command(FILE *out);
void usage_man(FILE *out);
void usage_bash(FILE *out);

#endif
