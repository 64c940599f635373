/* progress.c: the live line and the interrupt. The handler only sets a flag; the solver stops at
 * its next report. */
#include "progress.h"

#include "cli.h"
#include "history.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
  static const char text[] =
      "\nspeig: stopping at the next step of the solver; Ctrl-C again ends at once\n";
  (void)number;
  interrupted = 1;
  ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
  (void)ignored;
}

void progress_begin(progress_line *line, progress_when when, run_log *log)
{
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_interrupt;
  action.sa_flags = (int)SA_RESETHAND; /* the second one does what it did before */
  sigemptyset(&action.sa_mask);
  /* Who started us with Ctrl-C ignored (nohup, a background job) wants it so. */
  if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
    (void)sigaction(SIGINT, &action, NULL);
  *line = (progress_line){ .is_terminal = isatty(STDERR_FILENO), .log = log };
  line->is_shown = when == PROGRESS_ALWAYS || (when == PROGRESS_AUTO && line->is_terminal);
}

/* ", 12 s left", or nothing where that cannot be told. */
static void tell_rest(double eta, char *text, size_t size)
{
  const double minute = 60, hour = 3600;
  *text = 0;
  if (eta >= 2 * hour)
    snprintf(text, size, ", about %.1f h left", eta / hour);
  else if (eta >= 2 * minute)
    snprintf(text, size, ", about %.0f min left", eta / minute);
  else if (eta >= 1)
    snprintf(text, size, ", about %.0f s left", eta);
}

int progress_report(void *user, const speig_progress *progress)
{
  const double pause = 0.1; /* seconds between two drawings on a terminal */
  progress_line *line = user;
  double now = cli_seconds(), worst = 0;
  if (line->is_shown && (!line->is_terminal || now - line->last >= pause)) {
    for (int32_t i = 0; progress->residuals && i < progress->wanted; ++i)
      if (progress->residuals[i] > worst)
        worst = progress->residuals[i];
    char rest[80], residual[80] = ""; /* before the first one is known there is nothing to tell */
    if (worst > 0)
      snprintf(residual, sizeof residual, "worst residual %.1e (needed %.1e), ",
               worst / (progress->norm > 0 ? progress->norm : 1), progress->tol);
    tell_rest(progress->eta, rest, sizeof rest);
    fprintf(stderr, "%s%s, %s %" PRId64 ": %d of %d converged, %s%" PRId64 " products, %.1f s%s%s",
            line->is_terminal ? "\r\033[K" : "speig: ", progress->method, progress->phase,
            progress->iteration, progress->converged, progress->wanted, residual, progress->matvecs,
            progress->seconds, rest, line->is_terminal ? "" : "\n");
    fflush(stderr);
    line->last = now;
    line->is_drawn = line->is_terminal;
  }
  if (line->log)
    log_record(line->log, progress);
  if (line->history)
    (void)history_add(line->history, progress); /* without memory the picture has fewer points */
  return interrupted;
}

void progress_end(progress_line *line)
{
  if (line->is_drawn)
    fputs("\r\033[K", stderr);
  line->is_drawn = 0;
}

int progress_interrupted(void)
{
  return interrupted;
}
