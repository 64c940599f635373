/* usage.c: help, man page and completion, all from the verbs' option tables. */
#include "report_svds.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, HELP_COLUMN = 28 };

static const char summary[] =
    "eigenvalues, eigenvectors and singular values of large sparse matrices";

/* Prints text wrapped to WIDTH; lines after the first start at column `indent`, an empty line in
 * the text stays. `column` is where the cursor stands. */
static void wrap(FILE *out, const char *text, int indent, int column)
{
  while (*text) {
    if (*text == '\n') {
      fprintf(out, "\n\n%*s", indent, "");
      column = indent;
      text += strspn(text, "\n");
    }
    int length = (int)strcspn(text, " \n");
    if (column > indent && column + 1 + length > WIDTH) {
      fprintf(out, "\n%*s", indent, "");
      column = indent;
    }
    column += fprintf(out, "%s%.*s", column > indent ? " " : "", length, text);
    text += length;
    text += *text == ' ';
  }
  fputc('\n', out);
}

static int is_listed(const cli_option *option)
{
  return option->type != OPTION_REFUSED;
}

/* The help of an option with its choices and its default. */
static void help_text(const cli_option *option, char *text, size_t size)
{
  size_t used = (size_t)snprintf(text, size, "%s", option->help);
  for (int i = 0; option->choices && option->choices[i] && used < size; ++i)
    used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : ": ", option->choices[i]);
  if (option->preset && used < size)
    snprintf(text + used, size - used, " (default %s)", option->preset);
}

static void usage_option(FILE *out, const char *spelling, const char *text)
{
  int column = fprintf(out, "  %s", spelling);
  if (column >= HELP_COLUMN - 1) {
    fputc('\n', out);
    column = 0;
  }
  fprintf(out, "%*s", HELP_COLUMN - column, "");
  wrap(out, text, HELP_COLUMN, HELP_COLUMN);
}

void usage_verb(FILE *out, const cli_verb *verb)
{
  char spelling[80], text[600];
  fprintf(out, "Usage: speig %s [options] %s\n", verb->name, verb->operands);
  wrap(out, verb->summary, 0, 0);
  fputc('\n', out);
  wrap(out, verb->details, 0, 0);
  fputs("\nOptions:\n", out);
  const cli_option *option;
  for (int at = 0; (option = verb_option(verb, at))->type; ++at) {
    if (!is_listed(option))
      continue;
    option_spelling(option, spelling, sizeof spelling);
    help_text(option, text, sizeof text);
    usage_option(out, spelling, text);
  }
  usage_option(out, "-h, --help", "show this help");
  if (verb->examples) {
    fputs("\nExamples:\n", out);
    for (const char *const *example = verb->examples; *example; example += 2)
      fprintf(out, "  %s\n      %s\n", example[0], example[1]);
  }
}

void usage_command(FILE *out)
{
  char heading[24];
  fprintf(out, "speig %s: %s\n\n", speig_version(), summary);
  fputs("Usage: speig [solve] [options] A.mtx\n       speig VERB [options] ...\n\nVerbs:\n", out);
  for (const cli_verb *const *verb = cli_verbs; *verb; ++verb)
    usage_option(out, (*verb)->name, (*verb)->summary);
  fputs("\nExit codes:\n", out);
  for (const cli_exit_code *entry = cli_exit_codes; entry->meaning; ++entry) {
    snprintf(heading, sizeof heading, "%d", entry->code);
    usage_option(out, heading, entry->meaning);
  }
  fputs("\n'speig help VERB' tells more; 'speig --version' prints the version.\n", out);
}

/* ---- man page ---- */

/* Text for roff: '-' and '\' escaped, control characters at the start of a line made harmless;
 * empty lines become paragraphs. */
static void roff(FILE *out, const char *text)
{
  int line_start = 1;
  for (; *text; ++text) {
    if (*text == '\n') {
      fputs("\n.PP\n", out);
      text += strspn(text, "\n") - 1;
      line_start = 1;
      continue;
    }
    if (line_start && (*text == '.' || *text == '\''))
      fputs("\\&", out);
    if (*text == '-')
      fputs("\\-", out);
    else if (*text == '\\')
      fputs("\\e", out);
    else
      fputc(*text, out);
    line_start = 0;
  }
}

static void roff_item(FILE *out, const char *heading, const char *text)
{
  fputs(".TP\n.B ", out);
  roff(out, heading);
  fputc('\n', out);
  roff(out, text);
  fputc('\n', out);
}

static void man_verb(FILE *out, const cli_verb *verb)
{
  char spelling[80], text[600];
  fputs(".SH ", out);
  for (const char *letter = verb->name; *letter; ++letter)
    fputc(toupper((unsigned char)*letter), out);
  fprintf(out, "\n.B speig %s\n[options] ", verb->name);
  roff(out, verb->operands);
  fputs("\n.PP\n", out);
  roff(out, verb->details);
  fputc('\n', out);
  const cli_option *option;
  for (int at = 0; (option = verb_option(verb, at))->type; ++at) {
    if (!is_listed(option))
      continue;
    option_spelling(option, spelling, sizeof spelling);
    help_text(option, text, sizeof text);
    roff_item(out, spelling, text);
  }
  roff_item(out, "-h, --help", "show the help of this verb");
}

void usage_man(FILE *out)
{
  char heading[24];
  fprintf(out, ".\\\" made by: speig help --man\n.TH SPEIG 1 \"\" \"speig %s\" \"User Commands\"\n",
          speig_version());
  fputs(".SH NAME\nspeig \\- ", out);
  roff(out, summary);
  fputs("\n.SH SYNOPSIS\n.B speig\n[solve] [options] A.mtx\n", out);
  for (const cli_verb *const *verb = cli_verbs + 1; *verb; ++verb) {
    fprintf(out, ".br\n.B speig %s\n[options] ", (*verb)->name);
    roff(out, (*verb)->operands);
    fputc('\n', out);
  }
  fputs(".SH DESCRIPTION\n", out);
  roff(out,
       "speig reads a Matrix Market file (plain or gzip, told apart by content; \"-\" is "
       "standard input) and computes a few eigenvalues and eigenvectors, or singular values, or "
       "does one of the other things below. Results go to standard output, everything else to "
       "standard "
       "error.\n\nOptions may stand before and after the files. --name=value and --name value, "
       "-k10 and -k 10 mean the same; after -- every word is a file. When an option is given "
       "twice, the last one counts.");
  fputc('\n', out);
  for (const cli_verb *const *verb = cli_verbs; *verb; ++verb)
    man_verb(out, *verb);
  fputs(".SH RESULT FILE\n", out);
  roff(out, "The object that solve --json writes. Numbers carry 17 digits, complex ones are [re, "
            "im], what is not a number is null.");
  fputc('\n', out);
  for (const report_member *member = report_members; member->name; ++member)
    roff_item(out, member->name, member->meaning);
  fputs(".SH RESULT FILE OF SVDS\n", out);
  roff(out, "The object that svds --json writes has the members above, but for mass, deflated and "
            "what belongs to eigenvectors, and these:");
  fputc('\n', out);
  for (const report_member *member = svds_report_members; member->name; ++member)
    roff_item(out, member->name, member->meaning);
  fputs(".SH EXIT STATUS\n", out);
  for (const cli_exit_code *entry = cli_exit_codes; entry->meaning; ++entry) {
    snprintf(heading, sizeof heading, "%d", entry->code);
    roff_item(out, heading, entry->meaning);
  }
  fputs(".SH ENVIRONMENT\n", out);
  roff_item(out, "OMP_NUM_THREADS", "number of threads where --threads is not given");
  fputs(".SH EXAMPLES\n", out);
  for (const cli_verb *const *verb = cli_verbs; *verb; ++verb)
    for (const char *const *example = (*verb)->examples; example && *example; example += 2)
      roff_item(out, example[0], example[1]);
}

/* ---- bash completion ---- */

/* The words after which an option's argument stands: "-k", "--tol", as `VERB -k|VERB --tol`. */
static void bash_pattern(FILE *out, const cli_verb *verb, const cli_option *option)
{
  if (option->letter)
    fprintf(out, "'%s -%c'", verb->name, option->letter);
  if (option->name)
    fprintf(out, "%s'%s --%s'", option->letter ? "|" : "", verb->name, option->name);
}

static void bash_arguments(FILE *out, const cli_verb *verb)
{
  const cli_option *option;
  for (int at = 0; (option = verb_option(verb, at))->type; ++at) {
    if (!is_listed(option) || option->type == OPTION_FLAG)
      continue;
    fputs("    ", out);
    bash_pattern(out, verb, option);
    if (option->type == OPTION_FILE) {
      fputs(") mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n", out);
    } else if (option->type == OPTION_CHOICE) {
      fputs(") mapfile -t COMPREPLY < <(compgen -W '", out);
      for (int i = 0; option->choices[i]; ++i)
        fprintf(out, "%s%s", i ? " " : "", option->choices[i]);
      fputs("' -- \"$cur\"); return ;;\n", out);
    } else {
      fputs(") return ;;\n", out);
    }
  }
}

static void bash_options(FILE *out, const cli_verb *verb)
{
  fprintf(out, "    %s) words='-h --help", verb->name);
  const cli_option *option;
  for (int at = 0; (option = verb_option(verb, at))->type; ++at) {
    if (!is_listed(option))
      continue;
    if (option->letter)
      fprintf(out, " -%c", option->letter);
    if (option->name)
      fprintf(out, " --%s", option->name);
  }
  fputs("' ;;\n", out);
}

void usage_bash(FILE *out)
{
  fputs("# bash completion for speig; made by: speig help --bash-completion\n"
        "_speig()\n{\n"
        "  local cur prev verb words files verbs='",
        out);
  for (const cli_verb *const *verb = cli_verbs; *verb; ++verb)
    fprintf(out, "%s%s", verb == cli_verbs ? "" : " ", (*verb)->name);
  /* "=" is a word of its own to bash: --which=L arrives as --which, =, L. */
  fputs("'\n"
        "  cur=${COMP_WORDS[COMP_CWORD]}\n"
        "  prev=${COMP_WORDS[COMP_CWORD-1]}\n"
        "  if [[ $cur == = ]]; then cur=\n"
        "  elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}\n"
        "  fi\n"
        "  verb=${COMP_WORDS[1]}\n"
        "  if [[ \" $verbs \" != *\" $verb \"* ]] || (( COMP_CWORD == 1 )); then verb=solve; fi\n"
        "  case \"$verb $prev\" in\n",
        out);
  for (const cli_verb *const *verb = cli_verbs; *verb; ++verb)
    bash_arguments(out, *verb);
  fputs("  esac\n  case $verb in\n", out);
  for (const cli_verb *const *verb = cli_verbs; *verb; ++verb)
    bash_options(out, *verb);
  fputs("  esac\n"
        "  if [[ $cur == -* ]]; then\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
        "    return\n"
        "  fi\n"
        "  words= files=-f\n"
        "  if (( COMP_CWORD == 1 )); then words=$verbs; fi\n"
        "  case $verb in help|generate|devices) files= ;; esac\n"
        "  if [[ $verb == help ]]; then words=$verbs; fi\n"
        "  if [[ $verb == generate ]]; then words='",
        out);
  const speig_generator *generators = speig_generators();
  for (int i = 0; generators && generators[i].name; ++i)
    fprintf(out, "%s%s", i ? " " : "", generators[i].name);
  fputs("'; fi\n"
        "  mapfile -t COMPREPLY < <(compgen $files -W \"$words\" -- \"$cur\")\n"
        "}\n"
        "complete -o filenames -F _speig speig\n",
        out);
}
