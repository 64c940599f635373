/* log.c: the log of a solve as lines of JSON. */
#include "log.h"

#include "bandwidth.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { LOG_VERSION = 1 };

/* A line is put together in memory and written in one go: a run that is killed leaves whole ones.
 */
typedef struct log_line {
  json_writer w;
  char *text;
  size_t size;
} log_line;

/* A disk that is full costs the log, not the solve. */
static void lose(run_log *log, int reason)
{
  if (!log->failed)
    (void)say_error(CLI_FAILURE, "cannot write %s: %s%s", log->path, strerror(reason),
                    log->is_open ? "; the solve goes on without it" : "");
  log->failed = 1;
}

/* The writer for the line, or NULL. */
static json_writer *open_line(run_log *log, log_line *line, const char *event)
{
  *line = (log_line){ .w = { .is_line = 1 } };
  line->w.out = open_memstream(&line->text, &line->size);
  if (!line->w.out) {
    lose(log, errno);
    return NULL;
  }
  json_open(&line->w, NULL);
  json_text(&line->w, "event", event);
  return &line->w;
}

static void close_line(run_log *log, log_line *line)
{
  json_close(&line->w);
  if (fclose(line->w.out) != 0)
    lose(log, errno);
  else if (fwrite(line->text, 1, line->size, log->out) != line->size || fflush(log->out) != 0)
    lose(log, errno);
  free(line->text);
}

/* Of the host; nothing is known of a device, nor where there is no memory for the measurement. */
static double copy_bandwidth(speig_device device, int threads)
{
  timing copy = { 0 };
  if (device == SPEIG_CUDA || bandwidth_copy(threads, &copy) != CLI_OK)
    return NAN;
  return timing_gigabytes(&copy, copy.median);
}

static void put_sigma(json_writer *w, const log_head *head)
{
  if (!head->sigma)
    json_null(w, "sigma");
  else if (head->sigma_parts == 1)
    json_real(w, "sigma", *head->sigma);
  else
    json_reals(w, "sigma", head->sigma_parts, head->sigma);
}

static double least_tol(speig_dtype dtype)
{
  return 100 * (is_single_type(dtype) ? (double)FLT_EPSILON : DBL_EPSILON);
}

static void put_head(run_log *log, const log_head *head)
{
  const int threads = head->threads > 0 ? head->threads : omp_get_max_threads();
  const double copy = copy_bandwidth(head->device, threads);
  log_line line;
  json_writer *w;
  w = open_line(log, &line, "start");
  if (!w)
    return;
  json_text(w, "speig", speig_version());
  json_int(w, "log", LOG_VERSION);
  input_json(w, "matrix", head->A);
  json_open(w, "problem");
  json_text(w, "kind", head->kind);
  json_int(w, "k", head->k);
  json_text(w, "which", head->which);
  put_sigma(w, head);
  json_close(w);
  json_text(w, "method", head->method);
  json_text(w, "device", speig_device_name(head->device));
  json_text(w, "dtype", speig_dtype_name(head->dtype));
  json_real(w, "tol", fmax(head->tol, least_tol(head->dtype)));
  json_uint(w, "seed", head->seed);
  json_int(w, "threads", threads);
  json_real(w, "copy_gbs", copy);
  close_line(log, &line);
}

int log_open(run_log *log, const char *path, const log_head *head)
{
  *log = (run_log){ .path = path, .iteration = -1, .started = cli_seconds() };
  if (!path)
    return CLI_OK;
  if (strcmp(path, "-") == 0)
    return say_error(CLI_USAGE, "--log needs a file: standard output is for the values");
  log->out = fopen(path, "wb"); /* under its name from the start: it is to be read meanwhile */
  if (!log->out)
    return say_error(CLI_FAILURE, "cannot write %s: %s", path, strerror(errno));
  (void)setvbuf(log->out, NULL, _IONBF, 0);
  put_head(log, head);
  log->started = cli_seconds();
  if (log->failed) {
    (void)fclose(log->out);
    log->out = NULL;
    return CLI_FAILURE;
  }
  log->is_open = 1;
  return CLI_OK;
}

static double sum_of(int32_t count, const double *numbers)
{
  double sum = 0;
  for (int32_t i = 0; numbers && i < count; ++i)
    sum += isfinite(numbers[i]) ? (i + 1) * numbers[i] : 0;
  return sum;
}

static int is_news(run_log *log, const speig_progress *p)
{
  const double numbers =
      sum_of(p->wanted, p->values) + sum_of(p->wanted, p->residuals) + p->converged;
  const int same = log->iteration == p->iteration && log->numbers == numbers && log->method &&
                   strcmp(log->method, p->method) == 0 && strcmp(log->phase, p->phase) == 0;
  log->method = p->method;
  log->phase = p->phase;
  log->iteration = p->iteration;
  log->numbers = numbers;
  return !same;
}

void log_record(run_log *log, const speig_progress *p)
{
  log_line line;
  json_writer *w;
  if (!log->out || log->failed || !is_news(log, p))
    return;
  w = open_line(log, &line, "restart");
  if (!w)
    return;
  json_text(w, "phase", p->phase);
  json_text(w, "method", p->method);
  json_int(w, "iteration", p->iteration);
  json_real(w, "seconds", p->seconds);
  json_int(w, "matvecs", p->matvecs);
  json_int(w, "converged", p->converged);
  json_int(w, "wanted", p->wanted);
  json_real(w, "norm", p->norm);
  json_real(w, "tol", p->tol);
  json_reals(w, "values", p->values ? p->wanted : 0, p->values);
  if (p->imaginary)
    json_reals(w, "imaginary", p->wanted, p->imaginary);
  json_reals(w, "residuals", p->residuals ? p->wanted : 0, p->residuals);
  json_real(w, "bytes", p->bytes);
  json_real(w, "gbs", p->seconds > 0 ? p->bytes / p->seconds / 1e9 : NAN);
  json_real(w, "eta", p->eta);
  close_line(log, &line);
}

static void put_tail(run_log *log, const log_tail *tail)
{
  log_line line;
  json_writer *w;
  w = open_line(log, &line, "end");
  if (!w)
    return;
  json_text(w, "status", tail ? speig_outcome_name(tail->outcome) : "error");
  json_text(w, "reason", tail ? speig_reason_name(tail->reason) : speig_last_error());
  if (tail) {
    json_int(w, "converged", tail->converged);
    json_int(w, "wanted", tail->wanted);
    json_int(w, "matvecs", tail->matvecs);
    json_int(w, "restarts", tail->restarts);
    json_text(w, "method", speig_method_name(tail->method));
    json_text(w, "device", speig_device_name(tail->device));
  }
  json_real(w, "seconds", tail ? tail->seconds : cli_seconds() - log->started);
  close_line(log, &line);
}

/* What there is stays, also when it is not everything. */
int log_close(run_log *log, const log_tail *tail)
{
  if (!log->out)
    return CLI_OK;
  if (!log->failed)
    put_tail(log, tail);
  const int closed = fclose(log->out);
  log->out = NULL;
  if (closed != 0 && !log->failed) {
    log->failed = 1;
    return say_error(CLI_FAILURE, "cannot write %s: %s", log->path, strerror(errno));
  }
  return log->failed ? CLI_FAILURE : CLI_OK;
}
