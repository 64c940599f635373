/* devices.c: where this speig can compute. A device is asked by opening it. */
#include "cli.h"
#include "json.h"

#include <omp.h>
#include <stddef.h>
#include <unistd.h>

typedef struct devices_args {
  int json;
} devices_args;

static const cli_option options[] = {
  { OPTION_FLAG, 0, "json", NULL, offsetof(devices_args, json), NULL, NULL, NULL, 0, 0,
    "print one JSON object" },
  { 0 },
};

typedef struct host_facts {
  long cores;
  int threads;
  double memory; /* bytes */
} host_facts;

static host_facts host_read(void)
{
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return (host_facts){ .cores = sysconf(_SC_NPROCESSORS_ONLN),
                       .threads = omp_get_max_threads(),
                       .memory = pages > 0 && page > 0 ? (double)pages * (double)page : 0 };
}

static const speig_device all_devices[] = { SPEIG_HOST, SPEIG_REFERENCE, SPEIG_CUDA };
enum { DEVICES = sizeof all_devices / sizeof *all_devices };

static int is_available(speig_device device)
{
  speig_context *context = NULL;
  int opened = speig_context_create(device, 1, &context) == SPEIG_OK;
  speig_context_destroy(&context);
  return opened;
}

static void print_text(const host_facts *host)
{
  for (int i = 0; i < DEVICES; ++i) {
    printf("%-10s ", speig_device_name(all_devices[i]));
    if (!is_available(all_devices[i]))
      printf("not available: %s\n", speig_last_error());
    else if (all_devices[i] == SPEIG_HOST)
      printf("%ld cores, %d threads, %.1f GiB memory\n", host->cores, host->threads,
             host->memory / 1073741824);
    else
      puts("plain loops on the host: slow, simple, the one the others are checked against");
  }
}

static void print_json(const host_facts *host)
{
  json_writer w = { .out = stdout };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  for (int i = 0; i < DEVICES; ++i) {
    int available = is_available(all_devices[i]);
    json_open(&w, speig_device_name(all_devices[i]));
    json_bool(&w, "available", available);
    if (!available)
      json_text(&w, "reason", speig_last_error());
    if (all_devices[i] == SPEIG_HOST) {
      json_int(&w, "cores", host->cores);
      json_int(&w, "threads", host->threads);
      json_real(&w, "memory_bytes", host->memory);
    }
    json_close(&w);
  }
  json_close(&w);
}

static int run(int argc, char **argv)
{
  devices_args args = { 0 };
  int code = options_parse(&verb_devices, &argc, argv, &args);
  if (code != OPTIONS_GO)
    return code;
  host_facts host = host_read();
  if (args.json)
    print_json(&host);
  else
    print_text(&host);
  return CLI_OK;
}

const cli_verb verb_devices = {
  .name = "devices",
  .operands = "",
  .least_operands = 0,
  .most_operands = 0,
  .summary = "List where this speig can compute",
  .details = "Lists the devices that --device names, whether each can be opened here, and why "
             "not.",
  .examples = NULL,
  .options = options,
  .run = run,
};
