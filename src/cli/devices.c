/* devices.c: where this speig can compute. */
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

static const double GIB = 1073741824;

/* "13.0" */
static void print_version(int version)
{
  printf("%d.%d", version / 1000, version % 1000 / 10);
}

static void print_cuda(void)
{
  int count = 0;
  speig_device_info info;
  if (speig_device_count(SPEIG_CUDA, &count) != SPEIG_OK) {
    printf("%-10s not available: %s\n", speig_device_name(SPEIG_CUDA), speig_last_error());
    return;
  }
  for (int i = 0; i < count; ++i) {
    printf("%-10s ", speig_device_name(SPEIG_CUDA));
    if (speig_device_get_info(SPEIG_CUDA, i, &info) != SPEIG_OK) {
      printf("number %d: %s\n", i, speig_last_error());
      continue;
    }
    printf("number %d: %s, capability %d.%d, %d multiprocessors, %.1f GiB memory (%.1f free), "
           "driver for CUDA ",
           i, info.name, info.major, info.minor, info.multiprocessors,
           (double)info.memory_total / GIB, (double)info.memory_free / GIB);
    print_version(info.driver);
    printf(", runtime ");
    print_version(info.runtime);
    putchar('\n');
  }
}

static void print_text(const host_facts *host)
{
  printf("%-10s %ld cores, %d threads, %.1f GiB memory\n", speig_device_name(SPEIG_HOST),
         host->cores, host->threads, host->memory / GIB);
  printf("%-10s plain loops on the host: slow, simple, the one the others are checked against\n",
         speig_device_name(SPEIG_REFERENCE));
  print_cuda();
}

static void json_cuda(json_writer *w)
{
  int count = 0, available = speig_device_count(SPEIG_CUDA, &count) == SPEIG_OK;
  speig_device_info info;
  json_open(w, speig_device_name(SPEIG_CUDA));
  json_bool(w, "available", available);
  if (!available)
    json_text(w, "reason", speig_last_error());
  json_open_list(w, "devices");
  for (int i = 0; i < count; ++i) {
    speig_status st = speig_device_get_info(SPEIG_CUDA, i, &info);
    json_open(w, NULL);
    if (st != SPEIG_OK)
      json_text(w, "reason", speig_last_error());
    json_text(w, "name", info.name);
    json_int(w, "major", info.major);
    json_int(w, "minor", info.minor);
    json_int(w, "multiprocessors", info.multiprocessors);
    json_int(w, "memory_bytes", info.memory_total);
    json_int(w, "free_bytes", info.memory_free);
    json_int(w, "driver", info.driver);
    json_int(w, "runtime", info.runtime);
    json_close(w);
  }
  json_close_list(w);
  json_close(w);
}

static void print_json(const host_facts *host)
{
  json_writer w = { .out = stdout };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  json_open(&w, speig_device_name(SPEIG_HOST));
  json_bool(&w, "available", 1);
  json_int(&w, "cores", host->cores);
  json_int(&w, "threads", host->threads);
  json_real(&w, "memory_bytes", host->memory);
  json_close(&w);
  json_open(&w, speig_device_name(SPEIG_REFERENCE));
  json_bool(&w, "available", 1);
  json_close(&w);
  json_cuda(&w);
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
  .details =
      "Lists the devices that --device names: what they are, or why one cannot be used here.",
  .examples = NULL,
  .options = options,
  .run = run,
};
