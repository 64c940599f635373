/* pic_convergence.c: how residuals fell: residual / |A| of each wanted pair against products. */
#include "picture.h"

#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More lines than these are not told apart, and every so many-th is drawn. */
enum { LINES_MOST = 400 };

/* What stands on the x axis: products, or records where products do not grow (LAPACK). A solver
 * that starts to count anew goes on where the last one ended. */
static double *make_x(const history *h, int *by_products)
{
  double *x = malloc((size_t)(h->count > 0 ? h->count : 1) * sizeof *x);
  double before = 0;
  *by_products = 0;
  for (int64_t i = 0; x && i < h->count; ++i) {
    double matvecs = (double)h->records[i].matvecs;
    double last = i > 0 ? (double)h->records[i - 1].matvecs : 0;
    if (matvecs < last)
      before += last;
    x[i] = before + matvecs;
    *by_products |= i > 0 && x[i] > x[i - 1];
  }
  for (int64_t i = 0; x && i < h->count && !*by_products; ++i)
    x[i] = (double)i;
  return x;
}

static double relative(const history_record *record, int32_t pair)
{
  double r = pair < record->wanted ? record->residuals[pair] : NAN;
  return record->norm > 0 ? r / record->norm : r;
}

/* The range of y: all positive residuals and the tolerance, by whole decades. */
static int y_range(const history *h, double tol, chart_axis *y)
{
  double low = tol > 0 ? tol : INFINITY, high = tol > 0 ? tol : -INFINITY;
  for (int64_t i = 0; i < h->count; ++i)
    for (int32_t j = 0; j < h->records[i].wanted; ++j) {
      double r = relative(&h->records[i], j);
      if (!(r > 0) || !isfinite(r))
        continue;
      low = fmin(low, r);
      high = fmax(high, r);
    }
  if (!(low <= high))
    return 0;
  double from = fmax(floor(log10(low) - 0.1), -300), to = ceil(log10(high) + 0.1);
  to = fmin(fmax(to, -300), 300);
  if (to - from < 2)
    from = to - 3;
  y->low = pow(10, from);
  y->high = pow(10, to);
  return 1;
}

static void add_phases(const history *h, const double *x, chart *c)
{
  for (int64_t from = 0, to; from < h->count; from = to) {
    const history_record *first = &h->records[from];
    char label[48];
    for (to = from + 1; to < h->count; ++to)
      if (strcmp(h->records[to].phase, first->phase) != 0 ||
          strcmp(h->records[to].method, first->method) != 0)
        break;
    (void)snprintf(label, sizeof label, "%s, %s", first->phase, first->method);
    chart_band_from(c, x[from], to < h->count ? x[to] : c->x.high, label);
  }
}

/* One line per pair and phase: those of a probe are other pairs. A residual of 0 is at the bottom.
 */
static int add_lines(const history *h, const double *x, chart *c)
{
  int code = CLI_OK;
  const int32_t stride = (h->wanted + LINES_MOST - 1) / LINES_MOST;
  const int is_labelled = h->wanted <= 8;
  for (int32_t pair = 0; pair < h->wanted; pair += stride) {
    chart_series *s = NULL;
    char label[48];
    (void)snprintf(label, sizeof label, "pair %d", pair + 1);
    CLI_TRY(chart_add(c, CHART_LINE, INK_SERIES + (canvas_ink)(pair % INK_COLOURS), label,
                      2 * h->count, 0, &s));
    s->is_quiet = !is_labelled;
    s->count = 0;
    for (int64_t i = 0; i < h->count; ++i) {
      if (i > 0 && strcmp(h->records[i].phase, h->records[i - 1].phase) != 0) {
        s->x[s->count] = x[i];
        s->y[s->count++] = NAN;
      }
      double r = relative(&h->records[i], pair);
      s->x[s->count] = x[i];
      s->y[s->count++] = r <= 0 ? c->y.low : r;
    }
  }
done:
  return code;
}

static void describe(const history_head *head, const history *h, chart *c)
{
  const history_record *last = &h->records[h->count - 1];
  char products[32];
  text_thousands(last->matvecs, products, sizeof products);
  (void)snprintf(c->note, sizeof c->note, "%s%s%s, %s: %s after %s products", head->kind,
                 head->which[0] ? " " : "", head->which, last->method,
                 head->status[0] ? head->status : "not finished", products);
  if (h->wanted > LINES_MOST) {
    size_t used = strlen(c->note);
    (void)snprintf(c->note + used, sizeof c->note - used, "; every %dth of %d pairs is drawn",
                   (h->wanted + LINES_MOST - 1) / LINES_MOST, h->wanted);
  }
  (void)snprintf(c->description, sizeof c->description,
                 "Residual over the norm of A of %d wanted pairs against %s, %" PRId64
                 " records, logarithmic; tolerance %.3g; %s.",
                 h->wanted, c->x.label, h->count, last->tol, c->note);
}

int picture_convergence(const char *title, const history_head *head, const history *h, chart *c)
{
  int code = CLI_OK, by_products = 0;
  double *x = NULL, tol = 0;
  *c = (chart){ .series_count = 0 };
  for (int64_t i = 0; i < h->count; ++i)
    if (strcmp(h->records[i].phase, "validate") != 0)
      tol = h->records[i].tol;
  if (h->count == 0 || h->wanted == 0 || !y_range(h, tol, &c->y))
    CLI_FAIL(CLI_USAGE, "%s: no residuals to draw (%" PRId64 " records)", title, h->count);
  x = make_x(h, &by_products);
  if (!x)
    CLI_FAIL(CLI_MEMORY, "out of memory: %" PRId64 " records", h->count);
  c->x = (chart_axis){ .label = by_products ? "products with A" : "record",
                       .is_whole = 1,
                       .low = 0,
                       .high = fmax(x[h->count - 1], 1) };
  c->y.label = "residual / |A|";
  c->y.is_log = 1;
  (void)snprintf(c->title, sizeof c->title, "Convergence: %s", title);
  describe(head, h, c);
  add_phases(h, x, c);
  CLI_TRY(add_lines(h, x, c));
  if (tol > 0) {
    char label[48];
    (void)snprintf(label, sizeof label, "tolerance %.1e", tol);
    chart_rule_at(c, 0, tol, INK_LIMIT, label);
  }
done:
  free(x);
  return code;
}
