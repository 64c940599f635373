#!/bin/sh
# test_cli.sh SPEIG DATA: the command on an emulated device, and where there is none, the driver is
# old, the memory small, or the device dies in the middle: exit status, and what is said.
speig=$1
data=$2
passed=0
failed=0

check() # NAME STATUS WORDS ENVIRONMENT... : solves there
{
  name=$1 status=$2 words=$3
  shift 3
  out=$(env "$@" "$speig" "$data/lshape.mtx" -k 2 --which LA --method lanczos --device cuda 2>&1)
  got=$?
  if [ $got -eq "$status" ] && echo "$out" | grep -qE "$words"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name: exit status $got, wanted $status and \"$words\" in:"
    echo "$out"
  fi
}

check solves 0 "lanczos, double, cuda" SPEIG_STANDINS=1
check no_device 6 "no device" SPEIG_STANDINS_DEVICES=0
check old_driver 6 "driver version is insufficient" SPEIG_STANDINS_DRIVER=11000
check little_memory 5 "bytes (on the device|of device memory)" SPEIG_STANDINS_MEMORY=20k
check dies 6 "cudaErrorIllegalAddress" SPEIG_STANDINS_FAIL_AT=200:sticky
check streams_mixed 0 "lanczos, double, cuda" SPEIG_STANDINS_STREAMS=mixed SPEIG_STANDINS_SEED=3
check pageable_late 0 "lanczos, double, cuda" SPEIG_STANDINS_PAGEABLE=late
echo "standin_cli: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
