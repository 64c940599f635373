# twin.awk: makes of a CUDA source with <<<>>> one that an ordinary C++ compiler takes, for the
# emulated device: launches become calls of emu_launch, every kernel a line SPEIG_KERNEL_TWIN.
NR == 1 { printf "#line 1 \"%s\"\n", FILENAME }
match($0, /__global__ void [A-Za-z_0-9]+/) {
  kernels[++count] = substr($0, RSTART + 16, RLENGTH - 16)
}
{
  while (match($0, /[A-Za-z_0-9]+<<<.*>>>/)) {
    launch = substr($0, RSTART, RLENGTH - 3)
    sub(/<<</, ", ", launch)
    $0 = substr($0, 1, RSTART - 1) "emu_launch(" launch ")" substr($0, RSTART + RLENGTH)
  }
  print
}
END {
  for (i = 1; i <= count; ++i)
    printf "SPEIG_KERNEL_TWIN(%s)\n", kernels[i]
}
