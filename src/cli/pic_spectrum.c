/* pic_spectrum.c: eigenvalues as dots: on a line, one above the other where they are multiple, or
 * in the complex plane; singular values by their number. */
#include "picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void spectrum_free(spectrum *s)
{
  free(s->values);
  free(s->residuals);
  free(s->errors);
  free(s->unconverged_values);
  *s = (spectrum){ .count = 0 };
}

int32_t spectrum_copies(int32_t count, const double *values, const double *errors, double rounding,
                        int32_t *copy)
{
  int32_t distinct = 0;
  for (int32_t i = 0; i < count; ++i) {
    double reach = rounding;
    if (i > 0 && errors && isfinite(errors[i]) && isfinite(errors[i - 1]))
      reach = fmax(reach, errors[i] + errors[i - 1]);
    copy[i] = i > 0 && values[i] - values[i - 1] <= reach ? copy[i - 1] + 1 : 1;
    distinct += copy[i] == 1;
  }
  return distinct;
}

static double error_of(const spectrum *s, int32_t i)
{
  return s->errors ? s->errors[i] : NAN;
}

/* Largest magnitude among the values; rounding errors are relative to it. */
static double size_of(const spectrum *s, int parts)
{
  double size = 0;
  for (int32_t i = 0; i < s->count; ++i)
    size =
        fmax(size, parts == 2 ? hypot(s->values[2 * i], s->values[2 * i + 1]) : fabs(s->values[i]));
  return size;
}

static double rounding_of(const spectrum *s, double size)
{
  return 100 * size * (s->is_single ? 0x1p-23 : 0x1p-52);
}

static void put_tip(chart_series *to, int64_t at, const spectrum *s, int32_t i, const char *value)
{
  const double residual = s->residuals ? s->residuals[i] : NAN;
  char text[80] = "";
  if (isfinite(residual))
    (void)snprintf(text, sizeof text, ", residual %.1e", residual);
  else if (isfinite(error_of(s, i)))
    (void)snprintf(text, sizeof text, ", error at most %.1e", error_of(s, i));
  chart_tip(to, at, "number %d: %s%s", i + 1, value, text);
}

static void describe(const spectrum *s, const char *noun, const char *more, chart *c)
{
  (void)snprintf(c->title, sizeof c->title, "%s: %s",
                 s->kind == SPECTRUM_SVD ? "Singular values" : "Spectrum", s->file);
  (void)snprintf(c->note, sizeof c->note, "%s%d %s%s%s%s", s->is_whole ? "all " : "", s->count,
                 noun, more, s->note[0] ? "; " : "", s->note);
}

/* ---- on a line ---- */

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static int add_unconverged_line(const spectrum *s, chart *c)
{
  chart_series *rings = NULL;
  int code = CLI_OK;
  if (s->unconverged == 0)
    return code;
  CLI_TRY(chart_add(c, CHART_RINGS, INK_SERIES + 1, "not converged", s->unconverged, CHART_TIPS,
                    &rings));
  for (int32_t i = 0; i < s->unconverged; ++i) {
    rings->x[i] = s->unconverged_values[i];
    rings->y[i] = 1;
    chart_tip(rings, i, "not converged: %.15g", s->unconverged_values[i]);
  }
done:
  return code;
}

static int hermitian(const spectrum *s, chart *c)
{
  int code = CLI_OK;
  int32_t *copy = NULL, distinct, most = 1;
  double *sorted = NULL;
  chart_series *dots = NULL;
  char text[80];
  CLI_TRY(CLI_ARRAY(s->count, "copies", &copy));
  CLI_TRY(CLI_ARRAY(s->count + s->unconverged, "values", &sorted));
  memcpy(sorted, s->values, (size_t)s->count * sizeof *sorted);
  if (s->unconverged > 0)
    memcpy(sorted + s->count, s->unconverged_values, (size_t)s->unconverged * sizeof *sorted);
  qsort(sorted, (size_t)(s->count + s->unconverged), sizeof *sorted, by_value);
  if (!chart_range(s->count + s->unconverged, sorted, 0, &c->x.low, &c->x.high))
    CLI_FAIL(CLI_USAGE, "%s: no finite eigenvalues to draw", s->file);
  /* Results are ascending, as copies are counted. */
  distinct = spectrum_copies(s->count, s->values, s->errors, rounding_of(s, size_of(s, 1)), copy);
  CLI_TRY(chart_add(c, CHART_DOTS, INK_SERIES, NULL, s->count, CHART_X_ERROR | CHART_TIPS, &dots));
  for (int32_t i = 0; i < s->count; ++i) {
    dots->x[i] = s->values[i];
    dots->y[i] = copy[i];
    dots->x_error[i] = error_of(s, i);
    (void)snprintf(text, sizeof text, "%.15g", s->values[i]);
    put_tip(dots, i, s, i, text);
    most = copy[i] > most ? copy[i] : most;
  }
  c->x.label = "eigenvalue";
  c->y = (chart_axis){ .label = "copies", .is_whole = 1, .low = 0.3, .high = most + 0.7 };
  c->height_part = fmin(0.25 + 0.08 * most, 1);
  CLI_TRY(add_unconverged_line(s, c));
  if (s->has_sigma)
    chart_rule_at(c, 1, s->sigma[0], INK_LIMIT, "shift");
  text[0] = '\0';
  if (distinct < s->count)
    (void)snprintf(text, sizeof text, ", %d different ones, up to %d copies", distinct, most);
  describe(s, s->count == 1 ? "eigenvalue" : "eigenvalues", text, c);
  if (s->count > 0)
    (void)snprintf(c->description, sizeof c->description,
                   "Eigenvalues as dots on a line, copies one above the other: %s. Smallest %.15g, "
                   "largest %.15g.",
                   c->note, s->values[0], s->values[s->count - 1]);
done:
  free(copy);
  free(sorted);
  return code;
}

/* ---- in the complex plane ---- */

static int add_circle(chart *c, canvas_ink ink, double x, double y, double radius)
{
  enum { CORNERS = 96 };
  const double turn = 2 * 3.14159265358979323846 / CORNERS;
  chart_series *s = NULL;
  int code = chart_add(c, CHART_LINE, ink, NULL, CORNERS + 1, 0, &s);
  for (int i = 0; code == CLI_OK && i <= CORNERS; ++i) {
    s->x[i] = x + radius * cos(turn * i);
    s->y[i] = y + radius * sin(turn * i);
  }
  return code;
}

/* x and y of the axes, the shift included when it is not far off. */
static int plane_range(const spectrum *s, chart *c)
{
  const int64_t total = 3 * (int64_t)s->count + s->unconverged + 1;
  const double size = size_of(s, 2);
  double *part = NULL;
  int code = CLI_OK, found = 1;
  CLI_TRY(CLI_ARRAY(total, "parts of values", &part));
  for (int is_y = 0; is_y < 2; ++is_y) {
    chart_axis *axis = is_y ? &c->y : &c->x;
    int64_t count = 0;
    for (int32_t i = 0; i < s->count; ++i) {
      const double value = s->values[2 * i + is_y], error = error_of(s, i);
      part[count++] = value;
      if (error <= size) { /* room for a disc that is not larger than everything else */
        part[count++] = value - error;
        part[count++] = value + error;
      }
    }
    for (int32_t i = 0; i < s->unconverged; ++i)
      part[count++] = s->unconverged_values[2 * i + is_y];
    if (s->has_sigma)
      part[count++] = s->sigma[is_y];
    found &= chart_range(count, part, 0, &axis->low, &axis->high);
  }
  if (!found)
    CLI_FAIL(CLI_USAGE, "%s: no finite eigenvalues to draw", s->file);
  /* All on the real axis: some height, so that the axis is in the middle. */
  double width = c->x.high - c->x.low, height = c->y.high - c->y.low;
  double middle = (c->y.high + c->y.low) / 2;
  if (height < width / 8 || fabs(middle) < 1e-9 * width) {
    c->y.low = middle - fmax(height, width / 8) / 2;
    c->y.high = middle + fmax(height, width / 8) / 2;
  }
done:
  free(part);
  return code;
}

static void value_text(const double *value, char *text, size_t size)
{
  (void)snprintf(text, size, "%.15g %c %.15gi", value[0], value[1] < 0 ? '-' : '+', fabs(value[1]));
}

static int add_plane_dots(const spectrum *s, chart *c)
{
  int code = CLI_OK;
  chart_series *dots = NULL;
  char text[80];
  CLI_TRY(chart_add(c, CHART_DOTS, INK_SERIES, NULL, s->count, CHART_TIPS, &dots));
  for (int32_t i = 0; i < s->count; ++i) {
    dots->x[i] = s->values[2 * i];
    dots->y[i] = s->values[2 * i + 1];
    value_text(s->values + 2 * (size_t)i, text, sizeof text);
    put_tip(dots, i, s, i, text);
  }
  if (s->unconverged > 0) {
    CLI_TRY(chart_add(c, CHART_RINGS, INK_SERIES + 1, "not converged", s->unconverged, CHART_TIPS,
                      &dots));
    for (int32_t i = 0; i < s->unconverged; ++i) {
      dots->x[i] = s->unconverged_values[2 * i];
      dots->y[i] = s->unconverged_values[2 * i + 1];
      value_text(s->unconverged_values + 2 * (size_t)i, text, sizeof text);
      chart_tip(dots, i, "not converged: %s", text);
    }
  }
done:
  return code;
}

static int general(const spectrum *s, chart *c)
{
  enum { CIRCLES_MOST = 200 };
  int code = CLI_OK, shown = 0;
  const double size = size_of(s, 2);
  CLI_TRY(plane_range(s, c));
  c->equal_aspect = 1;
  c->x.label = "real part";
  c->y.label = "imaginary part";
  chart_rule_at(c, 0, 0, INK_FRAME, "");
  chart_rule_at(c, 1, 0, INK_FRAME, "");
  /* Discs that hold the eigenvalues, where they are larger than dots. */
  for (int32_t i = 0; i < s->count && shown < CIRCLES_MOST; ++i)
    if (error_of(s, i) > 0.01 * (c->x.high - c->x.low)) {
      CLI_TRY(add_circle(c, INK_SERIES + 5, s->values[2 * i], s->values[2 * i + 1], s->errors[i]));
      ++shown;
    }
  /* Iterations and transition matrices live in the unit disc. */
  if (size > 0.5 && size < 1.5)
    CLI_TRY(add_circle(c, INK_SERIES + 6, 0, 0, 1));
  CLI_TRY(add_plane_dots(s, c));
  if (s->has_sigma) {
    chart_series *ring = NULL;
    CLI_TRY(chart_add(c, CHART_RINGS, INK_LIMIT, "shift", 1, CHART_TIPS, &ring));
    ring->x[0] = s->sigma[0];
    ring->y[0] = s->sigma[1];
    chart_tip(ring, 0, "shift");
  }
  describe(s, s->count == 1 ? "eigenvalue" : "eigenvalues", "", c);
  (void)snprintf(c->description, sizeof c->description,
                 "Eigenvalues as dots in the complex plane, both axes to one scale: %s. Largest "
                 "magnitude %.15g.",
                 c->note, size);
done:
  return code;
}

/* ---- by number ---- */

static int scree(const spectrum *s, chart *c)
{
  int code = CLI_OK;
  chart_series *dots = NULL;
  int32_t zeros = 0;
  const double size = size_of(s, 1), rounding = rounding_of(s, size);
  char text[80] = "";
  double *shown = NULL;
  if (s->count == 0)
    CLI_FAIL(CLI_USAGE, "%s: no singular values to draw", s->file);
  CLI_TRY(CLI_ARRAY(s->count, "values", &shown));
  /* What is zero but for rounding would take most of a logarithmic axis. */
  for (int32_t i = 0; i < s->count; ++i) {
    int is_zero = !(s->values[i] > rounding * 1e-3);
    shown[i] = is_zero ? NAN : s->values[i];
    zeros += is_zero;
  }
  c->y.is_log = 1;
  if (!chart_range(s->count, shown, 1, &c->y.low, &c->y.high))
    CLI_FAIL(CLI_USAGE,
             "%s: all %d singular values are zero, nothing to draw on a logarithmic axis", s->file,
             s->count);
  c->x = (chart_axis){ .label = "number", .is_whole = 1, .low = 0.5, .high = s->count + 0.5 };
  c->y.label = "singular value";
  CLI_TRY(chart_add(c, CHART_DOTS, INK_SERIES, NULL, s->count, CHART_Y_ERROR | CHART_TIPS, &dots));
  for (int32_t i = 0; i < s->count; ++i) {
    dots->x[i] = i + 1;
    dots->y[i] = isnan(shown[i]) ? c->y.low : shown[i];
    dots->y_error[i] = error_of(s, i);
    (void)snprintf(text, sizeof text, "%.15g", s->values[i]);
    put_tip(dots, i, s, i, text);
  }
  text[0] = '\0';
  if (zeros > 0)
    (void)snprintf(text, sizeof text, ", %d zero but for rounding (at the bottom)", zeros);
  describe(s, s->count == 1 ? "singular value" : "singular values", text, c);
  (void)snprintf(c->description, sizeof c->description,
                 "Singular values by number, logarithmic: %s. First %.15g, last %.15g.", c->note,
                 s->values[0], s->values[s->count - 1]);
done:
  free(shown);
  return code;
}

int picture_spectrum(const char *title, const spectrum *s, chart *c)
{
  *c = (chart){ .series_count = 0 };
  if (s->count + s->unconverged == 0)
    return say_error(CLI_USAGE, "%s: no values to draw", title);
  return s->kind == SPECTRUM_HERMITIAN ? hermitian(s, c)
         : s->kind == SPECTRUM_GENERAL ? general(s, c)
                                       : scree(s, c);
}
