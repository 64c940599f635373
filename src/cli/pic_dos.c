/* pic_dos.c: the density of states, with twice its standard error on both sides. */
#include "picture.h"

#include "text.h"

#include <inttypes.h>
#include <math.h>

int picture_dos(const char *title, const speig_dos_result *dos, chart *c)
{
  int code = CLI_OK;
  chart_series *ribbon = NULL, *line = NULL;
  double high = 0;
  char order[32];
  *c = (chart){ .series_count = 0 };
  text_thousands(dos->n, order, sizeof order);
  for (int32_t i = 0; i < dos->points; ++i)
    high = fmax(high, dos->density[i]);
  if (!(high > 0) || !isfinite(high))
    CLI_FAIL(CLI_FAILURE, "%s: the density of states is not a positive number anywhere", title);
  c->x = (chart_axis){ .label = "eigenvalue", .low = dos->low, .high = dos->high };
  c->y = (chart_axis){ .label = "eigenvalues per unit", .low = 0, .high = 1.08 * high };
  if (dos->vectors > 1) {
    CLI_TRY(chart_add(c, CHART_RIBBON, INK_SERIES + 1, NULL, dos->points, CHART_Y2, &ribbon));
    for (int32_t i = 0; i < dos->points; ++i) {
      ribbon->x[i] = dos->energies[i];
      ribbon->y[i] = dos->density[i] + 2 * dos->density_errors[i];
      ribbon->y2[i] = dos->density[i] - 2 * dos->density_errors[i];
    }
  }
  CLI_TRY(chart_add(c, CHART_FILLED, INK_SERIES, NULL, dos->points, 0, &line));
  for (int32_t i = 0; i < dos->points; ++i) {
    line->x[i] = dos->energies[i];
    line->y[i] = dos->density[i];
  }
  (void)snprintf(c->title, sizeof c->title, "Density of states: %s", title);
  (void)snprintf(c->note, sizeof c->note,
                 "%s eigenvalues; degree %d, %d random vectors, %" PRId64
                 " products; resolution %.2g, ribbon: two standard errors",
                 order, dos->degree, dos->vectors, dos->matvecs,
                 3.14159265358979323846 * (dos->high - dos->low) / (2.0 * dos->degree));
  (void)snprintf(c->description, sizeof c->description,
                 "Density of states by the kernel polynomial method: %s. The spectrum lies in "
                 "[%.6g, %.6g].",
                 c->note, dos->low, dos->high);
done:
  return code;
}
