/* history_read.c: a log of --log, one JSON object per line. A run that was killed leaves a log
 * without an end, or with half a line: what is there counts. */
#include "history.h"

#include <cjson/cJSON.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double number(const cJSON *object, const char *name, double otherwise)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  return cJSON_IsNumber(item) ? item->valuedouble : otherwise;
}

static int64_t whole(const cJSON *object, const char *name)
{
  double value = number(object, name, 0);
  return value > -0x1p62 && value < 0x1p62 ? (int64_t)value : 0;
}

static void copy(const cJSON *object, const char *name, char *text, size_t size)
{
  const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
  (void)snprintf(text, size, "%s", value ? value : "");
}

static void read_start(const cJSON *line, history_head *head)
{
  const cJSON *matrix = cJSON_GetObjectItemCaseSensitive(line, "matrix");
  const cJSON *problem = cJSON_GetObjectItemCaseSensitive(line, "problem");
  const cJSON *sigma = cJSON_GetObjectItemCaseSensitive(problem, "sigma");
  copy(matrix, "file", head->file, sizeof head->file);
  head->rows = whole(matrix, "rows");
  head->cols = whole(matrix, "cols");
  head->nnz = whole(matrix, "nnz");
  copy(problem, "kind", head->kind, sizeof head->kind);
  copy(problem, "which", head->which, sizeof head->which);
  head->k = (int32_t)fmin(fmax(number(problem, "k", 0), 0), INT32_MAX);
  copy(line, "device", head->device, sizeof head->device);
  copy(line, "dtype", head->dtype, sizeof head->dtype);
  head->has_sigma = cJSON_IsNumber(sigma) || cJSON_GetArraySize(sigma) == 2;
  head->sigma[0] = cJSON_IsNumber(sigma) ? sigma->valuedouble : 0;
  for (int i = 0; i < 2 && cJSON_IsArray(sigma); ++i) {
    const cJSON *part = cJSON_GetArrayItem(sigma, i);
    head->sigma[i] = cJSON_IsNumber(part) ? part->valuedouble : 0;
  }
}

/* An array of numbers into `to`, NaN where they are null; NULL when there is none. */
static const double *numbers(const cJSON *line, const char *name, int32_t count, double *to)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(line, name), *item = NULL;
  int32_t at = 0;
  if (!cJSON_IsArray(list))
    return NULL;
  cJSON_ArrayForEach(item, list)
  {
    if (at < count)
      to[at++] = cJSON_IsNumber(item) ? item->valuedouble : NAN;
  }
  for (; at < count; ++at)
    to[at] = NAN;
  return to;
}

static int read_restart(const cJSON *line, history *h)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(line, "residuals");
  const int32_t count = cJSON_GetArraySize(list);
  double *room = NULL;
  char phase[16], method[24];
  int code = CLI_OK;
  CLI_TRY(CLI_ARRAY(3 * (int64_t)count, "record of a log", &room));
  copy(line, "phase", phase, sizeof phase);
  copy(line, "method", method, sizeof method);
  const speig_progress record = {
    .method = method,
    .phase = phase,
    .iteration = whole(line, "iteration"),
    .matvecs = whole(line, "matvecs"),
    .wanted = count,
    .converged = (int32_t)fmin(fmax(number(line, "converged", 0), 0), INT32_MAX),
    .values = numbers(line, "values", count, room),
    .residuals = numbers(line, "residuals", count, room + count),
    .imaginary = numbers(line, "imaginary", count, room + 2 * (size_t)count),
    .norm = number(line, "norm", 0),
    .tol = number(line, "tol", 0),
    .seconds = number(line, "seconds", 0),
  };
  code = history_add(h, &record);
  if (code != CLI_OK)
    (void)say_error(code, "out of memory: records of a log");
done:
  free(room);
  return code;
}

static int read_line(const char *text, history_head *head, history *h)
{
  cJSON *line = cJSON_Parse(text);
  const char *event = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, "event"));
  int code = CLI_OK;
  if (event && strcmp(event, "start") == 0)
    read_start(line, head);
  else if (event && strcmp(event, "restart") == 0)
    code = read_restart(line, h);
  else if (event && strcmp(event, "end") == 0) {
    copy(line, "status", head->status, sizeof head->status);
    copy(line, "reason", head->reason, sizeof head->reason);
  } else if (!event) /* other events may come with later versions */
    ++head->bad_lines;
  cJSON_Delete(line);
  return code;
}

int history_read(const char *path, char *text, history_head *head, history *h)
{
  int code = CLI_OK;
  *head = (history_head){ .rows = 0 };
  for (char *line = text, *next; line && *line && code == CLI_OK; line = next) {
    next = strchr(line, '\n');
    if (next)
      *next++ = '\0';
    if (line[strspn(line, " \t\r")] != '\0')
      code = read_line(line, head, h);
  }
  if (code == CLI_OK && head->bad_lines > 0)
    say_note("%s: %lld line%s left out, being no record (the run may have been killed while it "
             "wrote)",
             path, (long long)head->bad_lines, head->bad_lines == 1 ? " is" : "s are");
  return code;
}
