/* target.h: a fuzz target is one file with this function. Nothing may crash, leak or hang, whatever
 * the bytes are; what a target checks beyond that it says itself. With libFuzzer:
 *   tests/fuzz/run [SECONDS] [TARGET ...]
 * Without it (replay.c) the seeds and some thousands of their mutations are run as a test.      */
#ifndef SPEIG_TESTS_FUZZ_TARGET_H
#define SPEIG_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
