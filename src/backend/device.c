/* device.c: the public view of the devices that there are. */
#include "speig/device.h"

#include "backend/cuda.h"
#include "base/error.h"

#include <string.h>

speig_status speig_device_count(speig_device device, int *count)
{
  speig_status st = SPEIG_OK;
  const cuda_module *module = NULL;
  *count = 0;
  switch (device) {
  case SPEIG_HOST:
  case SPEIG_REFERENCE:
    *count = 1;
    break;
  case SPEIG_CUDA:
    TRY(cuda_module_open(&module));
    TRY(module->device_count(count));
    break;
  default:
    FAIL(SPEIG_ERR_ARG, "device %d is none of host, reference, cuda", (int)device);
  }
done:
  return st;
}

speig_status speig_device_get_info(speig_device device, int number, speig_device_info *out)
{
  speig_status st = SPEIG_OK;
  const cuda_module *module = NULL;
  cuda_device found;
  int count = 0;
  *out = (speig_device_info){ .major = 0 };
  REQUIRE(device == SPEIG_CUDA, "device %s asked about, only cuda has properties to tell",
          speig_device_name(device));
  TRY(speig_device_count(device, &count));
  REQUIRE(number >= 0 && number < count, "CUDA device number %d, there are %d, counted from 0",
          number, count);
  TRY(cuda_module_open(&module));
  TRY(module->device_read(number, &found));
  memcpy(out->name, found.name, sizeof out->name);
  out->major = found.major;
  out->minor = found.minor;
  out->multiprocessors = found.processors;
  out->driver = found.driver;
  out->runtime = found.runtime;
  out->memory_total = found.memory_total;
  out->memory_free = found.memory_free;
done:
  return st;
}
