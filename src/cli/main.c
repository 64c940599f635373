/* main.c: finds the verb, runs it, and sees to it that what was printed arrived. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const cli_verb *const cli_verbs[] = { &verb_solve,   &verb_svds,    &verb_count,  &verb_verify,
                                      &verb_info,    &verb_convert, &verb_spmv,   &verb_generate,
                                      &verb_devices, &verb_plot,    &verb_report, &verb_help,
                                      NULL };

const cli_verb *cli_find_verb(const char *name)
{
  for (const cli_verb *const *verb = cli_verbs; *verb; ++verb)
    if (strcmp((*verb)->name, name) == 0)
      return *verb;
  return NULL;
}

/* A first word that is neither a verb nor a file: most likely a mistyped verb. */
static int unknown_verb(const char *word)
{
  const char *names[16];
  int count = 0;
  for (const cli_verb *const *verb = cli_verbs; *verb; ++verb)
    names[count++] = (*verb)->name;
  names[count] = NULL;
  const char *nearest = nearest_name(word, names);
  if (nearest)
    return say_error(CLI_USAGE, "'%s' is neither a verb nor a file; the nearest verb is '%s'", word,
                     nearest);
  return say_error(CLI_USAGE, "'%s' is neither a verb nor a file; 'speig help' lists the verbs",
                   word);
}

static int run(int argc, char **argv)
{
  const char *first = argc > 1 ? argv[1] : NULL;
  if (!first) {
    usage_command(stderr);
    return CLI_USAGE;
  }
  if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
    usage_command(stdout);
    return CLI_OK;
  }
  if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
    printf("speig %s\n", speig_version());
    return CLI_OK;
  }
  const cli_verb *verb = cli_find_verb(first);
  if (verb)
    return verb->run(argc - 2, argv + 2);
  /* A path with a dot or a slash is a file, and reading it says best what is wrong with it. */
  if (first[0] != '-' && !strpbrk(first, "./") && access(first, F_OK) != 0)
    return unknown_verb(first);
  return cli_verbs[0]->run(argc - 1, argv + 1);
}

/* Threads of GNU OpenMP spin for milliseconds when they wait. With few cores one that is just
 * starting then queues behind one that spins: 40 ms were lost in the first parallel part of a run
 * of 20. The runtime reads how long to spin when it is loaded, so the command starts itself over
 * with a shorter time, once, unless the user has set one. */
static void spin_less(char **argv)
{
  if (getenv("GOMP_SPINCOUNT") || getenv("OMP_WAIT_POLICY"))
    return;
  if (setenv("GOMP_SPINCOUNT", "10000", 1) == 0)
    (void)execv("/proc/self/exe", argv); /* returns only when that is not possible */
}

/* A standard stream that is closed would be the first file opened, and take what is meant for the
 * stream. In its place comes one that fails at the first use, so that main can say so. */
static void occupy_streams(void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (fcntl(fd, F_GETFD) < 0)
      (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
  occupy_streams();
  (void)signal(SIGXFSZ, SIG_IGN); /* a file beyond the limit is an error like a full disk */
  spin_less(argv);
  int code = run(argc, argv);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    int reason = errno;
    /* A reader that went away (speig ... | head) needs no message. */
    if (reason != EPIPE)
      say_error(0, "cannot write to standard output: %s", strerror(reason));
    if (code == CLI_OK || code == CLI_FEWER)
      code = CLI_FAILURE;
  }
  return code;
}
