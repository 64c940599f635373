/* source.c: reads a result, a log or a matrix, told apart by how it begins. */
#include "source.h"

#include "files.h"

#include <cjson/cJSON.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An array of `count` numbers, each of `parts`; NaN where it is no number. A missing array of
 * optional numbers leaves *out NULL. */
static int read_numbers(const cJSON *root, const char *name, int parts, int32_t count, double **out)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, name), *item = NULL;
  int code = CLI_OK;
  int32_t at = 0;
  if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) != count)
    return code;
  CLI_TRY(CLI_ARRAY((int64_t)parts * count, name, out));
  cJSON_ArrayForEach(item, list)
  {
    for (int part = 0; part < parts; ++part) {
      const cJSON *value = parts == 1 ? item : cJSON_GetArrayItem(item, part);
      (*out)[at++] = cJSON_IsNumber(value) ? value->valuedouble : NAN;
    }
  }
done:
  return code;
}

static const char *text_of(const cJSON *object, const char *name)
{
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
  return text ? text : "";
}

static void read_sigma(const cJSON *problem, spectrum *s)
{
  const cJSON *sigma = cJSON_GetObjectItemCaseSensitive(problem, "sigma");
  s->has_sigma = cJSON_IsNumber(sigma) || cJSON_GetArraySize(sigma) == 2;
  if (cJSON_IsNumber(sigma))
    s->sigma[0] = sigma->valuedouble;
  for (int part = 0; cJSON_IsArray(sigma) && s->has_sigma && part < 2; ++part) {
    const cJSON *value = cJSON_GetArrayItem(sigma, part);
    s->sigma[part] = cJSON_IsNumber(value) ? value->valuedouble : 0;
  }
}

/* A number that is not finite has no place in a picture, and is no answer of ours. */
static int check_values(const char *path, int parts, const spectrum *s)
{
  for (int32_t i = 0; i < parts * s->count; ++i)
    if (!isfinite(s->values[i]))
      return say_error(CLI_INPUT, "%s: value %d is not a finite number", path, i / parts + 1);
  return CLI_OK;
}

static int read_result(const char *path, const cJSON *root, spectrum *s)
{
  const cJSON *problem = cJSON_GetObjectItemCaseSensitive(root, "problem");
  const char *kind = text_of(problem, "kind"), *dtype = text_of(root, "dtype");
  int code = CLI_OK;
  s->kind = strcmp(kind, "svd") == 0       ? SPECTRUM_SVD
            : strcmp(kind, "general") == 0 ? SPECTRUM_GENERAL
                                           : SPECTRUM_HERMITIAN;
  const char *name = s->kind == SPECTRUM_SVD ? "singular_values" : "eigenvalues";
  const int parts = s->kind == SPECTRUM_GENERAL ? 2 : 1;
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, name);
  const cJSON *others = cJSON_GetObjectItemCaseSensitive(root, "unconverged_values");
  if (!cJSON_IsArray(list))
    CLI_FAIL(CLI_INPUT,
             "%s: no array \"%s\"; needed: a result of speig solve or svds --json, a log "
             "of --log, or a matrix",
             path, name);
  s->count = cJSON_GetArraySize(list);
  CLI_TRY(read_numbers(root, name, parts, s->count, &s->values));
  CLI_TRY(check_values(path, parts, s));
  CLI_TRY(read_numbers(root, "residuals", 1, s->count, &s->residuals));
  CLI_TRY(read_numbers(root, "error_bounds", 1, s->count, &s->errors));
  CLI_TRY(read_numbers(root, "unconverged_values", parts, cJSON_GetArraySize(others),
                       &s->unconverged_values));
  s->unconverged = s->unconverged_values ? cJSON_GetArraySize(others) : 0;
  read_sigma(problem, s);
  s->is_single = strcmp(dtype, "s") == 0 || strcmp(dtype, "c") == 0;
  (void)snprintf(s->note, sizeof s->note, "%s, %s, %s", text_of(problem, "which"),
                 text_of(root, "method"), text_of(root, "status"));
  (void)snprintf(s->file, sizeof s->file, "%s",
                 text_of(cJSON_GetObjectItemCaseSensitive(root, "matrix"), "file"));
done:
  return code;
}

/* One object is a result; a log has one per line, the first of which is an event. */
static int read_json(const char *path, char *text, size_t size, plot_source *out)
{
  int code = CLI_OK;
  const char *end = NULL;
  cJSON *root = cJSON_ParseWithLengthOpts(text, size + 1, &end, 0);
  if (!root)
    CLI_FAIL(CLI_INPUT, "%s: begins like JSON, but is not (or ends too early)", path);
  if (cJSON_GetObjectItemCaseSensitive(root, "event")) {
    out->kind = SOURCE_LOG;
    CLI_TRY(history_read(path, text, &out->head, &out->history));
    code = spectrum_of_history(&out->head, &out->history, &out->values);
  } else {
    out->kind = SOURCE_RESULT;
    code = read_result(path, root, &out->values);
  }
done:
  cJSON_Delete(root);
  return code;
}

static int begins_like_json(const char *text)
{
  return text[strspn(text, " \t\r\n")] == '{';
}

/* The first bytes of a file that can be read twice. */
static int file_is_json(const char *path)
{
  char head[64] = "";
  FILE *in = file_is_regular(path) ? fopen(path, "rb") : NULL;
  if (in) {
    size_t got = fread(head, 1, sizeof head - 1, in);
    head[got] = '\0';
    fclose(in);
  }
  return begins_like_json(head);
}

int source_parse(const char *path, char *text, size_t size, int threads, plot_source *out)
{
  int code = CLI_OK;
  *out = (plot_source){ .path = path };
  if (begins_like_json(text))
    return read_json(path, text, size, out);
  out->A.path = path;
  CLI_TRY(
      say_status(speig_mm_read_memory(path, text, size, threads, &out->A.header, &out->A.matrix)));
  out->A.info = speig_matrix_get_info(out->A.matrix);
done:
  return code;
}

int source_read(const char *path, int threads, plot_source *out)
{
  char *text = NULL;
  size_t size = 0;
  int code = CLI_OK;
  *out = (plot_source){ .path = path };
  if (file_is_regular(path) && !file_is_json(path))
    return input_read(path, threads, &out->A);
  CLI_TRY(file_read_all(path, &text, &size));
  code = source_parse(path, text, size, threads, out);
done:
  free(text);
  return code;
}

void source_free(plot_source *source)
{
  input_free(&source->A);
  spectrum_free(&source->values);
  history_free(&source->history);
}
