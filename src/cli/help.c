/* help.c: the help of the command or of a verb, the man page, the shell completion. */
#include "cli.h"

#include <stddef.h>

typedef struct help_args {
  int man, bash;
} help_args;

static const cli_option options[] = {
  { OPTION_FLAG, 0, "man", NULL, offsetof(help_args, man), NULL, NULL, NULL, 0, 0,
    "print the man page (roff)" },
  { OPTION_FLAG, 0, "bash-completion", NULL, offsetof(help_args, bash), NULL, NULL, NULL, 0, 0,
    "print the bash completion" },
  { 0 },
};

static int help_of(const char *name)
{
  const char *names[16];
  int count = 0;
  const cli_verb *verb = cli_find_verb(name);
  if (verb) {
    usage_verb(stdout, verb);
    return CLI_OK;
  }
  for (const cli_verb *const *known = cli_verbs; *known; ++known)
    names[count++] = (*known)->name;
  names[count] = NULL;
  const char *nearest = nearest_name(name, names);
  if (nearest)
    return say_error(CLI_USAGE, "there is no verb '%s'; the nearest is '%s'", name, nearest);
  return say_error(CLI_USAGE, "there is no verb '%s'; 'speig help' lists them", name);
}

static int run(int argc, char **argv)
{
  help_args args = { 0 };
  int code = options_parse(&verb_help, &argc, argv, &args);
  if (code != OPTIONS_GO)
    return code;
  if (args.man + args.bash + argc > 1)
    return say_error(CLI_USAGE, "speig help: a verb, --man and --bash-completion exclude each "
                                "other");
  if (args.man)
    usage_man(stdout);
  else if (args.bash)
    usage_bash(stdout);
  else if (argc > 0)
    return help_of(argv[0]);
  else
    usage_command(stdout);
  return CLI_OK;
}

static const char *const examples[] = { "speig help solve", "everything about solving", NULL };

const cli_verb verb_help = {
  .name = "help",
  .operands = "[VERB]",
  .least_operands = 0,
  .most_operands = 1,
  .summary = "Explain the command or one verb",
  .details = "Without a verb: the verbs and the exit codes. The man page and the completion are "
             "made from the same tables as the help and the parsing.",
  .examples = examples,
  .options = options,
  .run = run,
};
