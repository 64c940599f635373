/* result.c: the result JSON, read with cJSON; the man page and report.c say what it holds. */
#include "result.h"

#include "files.h"
#include "input.h"

#include <cjson/cJSON.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static int line_of(const char *text, const char *place)
{
  int line = 1;
  for (; text < place; ++text)
    line += *text == '\n';
  return line;
}

static char *copy_text(const cJSON *item)
{
  return cJSON_IsString(item) ? strdup(item->valuestring) : NULL;
}

static int read_values(const char *path, const cJSON *root, result_file *out)
{
  const char *name = out->is_svd ? "singular_values" : "eigenvalues";
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, name);
  const cJSON *item = NULL;
  int code = CLI_OK;
  if (!cJSON_IsArray(list))
    CLI_FAIL(CLI_INPUT, "%s: no array \"%s\"; needed: a result of speig %s --json", path, name,
             out->is_svd ? "svds" : "solve");
  CLI_TRY(CLI_ARRAY(2 * (int64_t)cJSON_GetArraySize(list), name, &out->values));
  cJSON_ArrayForEach(item, list)
  {
    double *value = out->values + (out->is_general ? 2 : 1) * (size_t)out->k;
    const cJSON *re = out->is_general ? cJSON_GetArrayItem(item, 0) : item;
    const cJSON *im = out->is_general ? cJSON_GetArrayItem(item, 1) : NULL;
    if (!cJSON_IsNumber(re) || !isfinite(re->valuedouble) ||
        (out->is_general && (!cJSON_IsNumber(im) || !isfinite(im->valuedouble))))
      CLI_FAIL(CLI_INPUT, "%s: %s %d is not a finite %s", path,
               out->is_svd ? "singular value" : "eigenvalue", out->k + 1,
               out->is_general ? "number [re, im]" : "real number");
    value[0] = re->valuedouble;
    if (im)
      value[1] = im->valuedouble;
    ++out->k;
  }
done:
  return code;
}

/* Beside the result file, when the name is relative and nothing is here. */
static char *find_vectors(const char *path, char *name)
{
  const char *slash = strrchr(path, '/');
  if (!name || name[0] == '/' || !slash || access(name, F_OK) == 0)
    return name;
  size_t folder = (size_t)(slash - path) + 1;
  char *beside = malloc(folder + strlen(name) + 1);
  if (!beside)
    return name;
  memcpy(beside, path, folder);
  strcpy(beside + folder, name);
  if (access(beside, F_OK) != 0) {
    free(beside);
    return name;
  }
  free(name);
  return beside;
}

static char *named_file(const char *path, const cJSON *root, const char *member)
{
  return find_vectors(path, copy_text(cJSON_GetObjectItemCaseSensitive(root, member)));
}

static int which_of(const cJSON *problem, int is_general)
{
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(problem, "which"));
  for (int which = SPEIG_EIGS_LM; is_general && name && which <= SPEIG_EIGS_SI; ++which)
    if (strcasecmp(name, speig_eigs_which_name((speig_eigs_which)which)) == 0)
      return which;
  if (is_general)
    return -1;
  for (int which = SPEIG_LM; name && which <= SPEIG_BE; ++which)
    if (strcasecmp(name, speig_which_name((speig_which)which)) == 0)
      return which;
  return -1;
}

/* A real sigma is a number, a complex one a pair of them; without a shift it is null. */
static int has_shift(const cJSON *problem)
{
  const cJSON *sigma = cJSON_GetObjectItemCaseSensitive(problem, "sigma");
  return cJSON_IsNumber(sigma) || cJSON_IsArray(sigma);
}

int result_parse(const char *path, const char *text, size_t size, result_file *out)
{
  const char *end = NULL;
  cJSON *root = NULL;
  *out = (result_file){ .which = -1 };
  int code = CLI_OK;
  root = cJSON_ParseWithLengthOpts(text, size + 1, &end, 1);
  if (!root)
    CLI_FAIL(CLI_INPUT, "%s, line %d: not JSON", path, end ? line_of(text, end) : 1);
  const cJSON *problem = cJSON_GetObjectItemCaseSensitive(root, "problem");
  const cJSON *mass = cJSON_GetObjectItemCaseSensitive(root, "mass");
  const char *dtype = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "dtype"));
  const char *status = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "status"));
  const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(problem, "kind"));
  out->is_general = kind && strcmp(kind, "general") == 0;
  out->is_svd = kind && strcmp(kind, "svd") == 0;
  if (kind && !out->is_general && !out->is_svd && strcmp(kind, "hermitian") != 0)
    CLI_FAIL(
        CLI_USAGE,
        "%s: a result of a problem of kind %s; hermitian, general and svd ones can be verified",
        path, kind);
  CLI_TRY(read_values(path, root, out));
  out->vectors = named_file(path, root, "vectors");
  out->left = named_file(path, root, "left_vectors");
  out->right = named_file(path, root, "right_vectors");
  out->mass = copy_text(cJSON_GetObjectItemCaseSensitive(mass, "file"));
  out->which = which_of(problem, out->is_general);
  out->is_shifted = has_shift(problem);
  out->is_single = dtype && (strcmp(dtype, "s") == 0 || strcmp(dtype, "c") == 0);
  out->is_partial = status && (strcmp(status, "partial") == 0 || strcmp(status, "failed") == 0);
  double deflated = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(problem, "deflated"));
  out->deflated = deflated >= 1 && deflated < 0x1p62 ? (int64_t)deflated : 0;
done:
  cJSON_Delete(root);
  return code;
}

int result_read(const char *path, result_file *out)
{
  char *text = NULL;
  size_t size = 0;
  *out = (result_file){ .which = -1 };
  int code = file_read_all(path, &text, &size);
  if (code == CLI_OK)
    code = result_parse(path, text, size, out);
  free(text);
  return code;
}

void result_free(result_file *result)
{
  free(result->values);
  free(result->vectors);
  free(result->left);
  free(result->right);
  free(result->mass);
  *result = (result_file){ .which = -1 };
}
