/*
 * selftest.cc: the emulator and the fake runtime against plain loops. Without arguments it runs
 * every check, under several orders of threads, and says how many passed. With the name of a
 * mistake it makes that mistake, which the stand-ins have to report: CMakeLists.txt lists which
 * words each must draw.
 */
#include "selftest.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "control.h"

static const standins_control *control;
static int passed, failed;

static void check(bool good, const char *what)
{
  good ? ++passed : ++failed;
  if (!good)
    fprintf(stderr, "FAILED: %s\n", what);
}
#define CHECK(condition) check(condition, #condition)
#define DONE(call) check((call) == cudaSuccess, #call)

/* An array on the device. */
template <class T> struct device {
  T *at = nullptr;
  size_t count;
  explicit device(size_t n) : count(n)
  {
    DONE(cudaMalloc((void **)&at, n * sizeof(T)));
  }
  device(const std::vector<T> &from, cudaStream_t stream) : device(from.size())
  {
    DONE(cudaMemcpyAsync(at, from.data(), count * sizeof(T), cudaMemcpyHostToDevice, stream));
  }
  ~device()
  {
    cudaFree(at);
  }
  std::vector<T> get(cudaStream_t stream) const
  {
    std::vector<T> to(count);
    DONE(cudaMemcpyAsync(to.data(), at, count * sizeof(T), cudaMemcpyDeviceToHost, stream));
    DONE(cudaStreamSynchronize(stream));
    return to;
  }
};

static cudaStream_t new_stream()
{
  cudaStream_t stream = nullptr;
  DONE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return stream;
}

/* ------------------------------------------------------------------------------------- kernels */

static void kernels_compute(cudaStream_t s)
{
  const int n = 1000, rows = 31;
  std::vector<double> x(n), y(n, 0.5);
  std::vector<float> table(rows * 32);
  std::vector<int> numbers(n);
  for (int i = 0; i < n; ++i)
    x[i] = i % 17 - 8, numbers[i] = (i * 7) % 23 + 1;
  for (size_t i = 0; i < table.size(); ++i)
    table[i] = (float)((int)(i * 37 % 101) - 50);

  device<double> dx(x, s), dy(y, s), part(5);
  DONE(launch_axpy(n, 2, dx.at, dy.at, s));
  DONE(launch_sum(n, dx.at, part.at, 5, s));
  const std::vector<double> ry = dy.get(s), parts = part.get(s);
  double sum = 0, expected = 0;
  bool same = true;
  for (int i = 0; i < n; ++i)
    same = same && ry[i] == 2 * x[i] + 0.5, expected += x[i];
  for (double p : parts)
    sum += p;
  CHECK(same);
  CHECK(sum == expected);

  device<float> dt(table, s), dsum(rows), dtop(rows);
  device<int> dneg(rows);
  DONE(launch_rows(rows, dt.at, dsum.at, dtop.at, dneg.at, s));
  const std::vector<float> sums = dsum.get(s), tops = dtop.get(s);
  const std::vector<int> negative = dneg.get(s);
  same = true;
  for (int r = 0; r < rows; ++r) {
    float total = 0, high = -1000;
    int below = 0;
    for (int l = 0; l < 32; ++l) {
      const float v = table[(size_t)r * 32 + l];
      total += v, high = std::max(high, v), below += v < 0;
    }
    same = same && sums[r] == total && tops[r] == high && negative[r] == below;
  }
  CHECK(same);

  device<int> dn(numbers, s), dm(n), dpos((n + 95) / 96);
  device<unsigned> bins(selftest_bins);
  DONE(cudaMemsetAsync(bins.at, 0, selftest_bins * sizeof(unsigned), s));
  DONE(launch_histogram(n, dn.at, bins.at, s));
  DONE(launch_mirror(n, dn.at, dm.at, dpos.at, s));
  const std::vector<unsigned> counts = bins.get(s);
  std::vector<unsigned> own(selftest_bins);
  for (int v : numbers)
    ++own[v % selftest_bins];
  CHECK(counts == own);
  const std::vector<int> mirrored = dm.get(s), positive = dpos.get(s);
  same = true;
  for (int i = 0; i < n; ++i) {
    const int from = i / 96 * 96 + 95 - i % 96;
    same = same && mirrored[i] == (from < n ? numbers[from] : 1);
  }
  CHECK(same);
  CHECK(std::count(positive.begin(), positive.end(), 1) == (int)positive.size());
}

static std::vector<float> result_of(selftest_mistake which, unsigned long seed, cudaStream_t s)
{
  device<float> x(std::vector<float>(64, 0.0f), s);
  control->seed(seed);
  DONE(launch_mistake(which, 64, x.at, s));
  std::vector<float> r = x.get(s);
  control->seed(0);
  return r;
}

/* Kernels whose results depend on the order of threads give other bits under some seed. */
static void order_shows(cudaStream_t s)
{
  for (selftest_mistake which : { missing_barrier, unordered_sum }) {
    const std::vector<float> natural = result_of(which, 0, s);
    int different = 0;
    for (unsigned long seed = 1; seed <= 8; ++seed)
      different += result_of(which, seed, s) != natural;
    CHECK(different >= 4);
  }
}

/* ------------------------------------------------------------------------------------- streams */

static void streams_are_lazy()
{
  cudaStream_t a = new_stream(), b = new_stream();
  cudaEvent_t event = nullptr;
  double *pinned = nullptr;
  const double one = 1;
  DONE(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  DONE(cudaMallocHost((void **)&pinned, sizeof *pinned));
  device<double> x(1), y(1);

  /* Not there before somebody waited. */
  DONE(cudaMemcpyAsync(x.at, &one, sizeof one, cudaMemcpyHostToDevice, a));
  *pinned = 5;
  DONE(cudaMemcpyAsync(pinned, x.at, sizeof one, cudaMemcpyDeviceToHost, a));
  CHECK(*pinned != 1);
  DONE(cudaStreamSynchronize(b));
  CHECK(*pinned != 1);
  DONE(cudaStreamSynchronize(a));
  CHECK(*pinned == 1);

  /* Without an event the other stream comes too early, with one it does not. */
  *pinned = 2;
  DONE(cudaMemcpyAsync(y.at, pinned, sizeof one, cudaMemcpyHostToDevice, a));
  DONE(cudaEventRecord(event, a));
  DONE(cudaMemcpyAsync(x.at, y.at, sizeof one, cudaMemcpyDeviceToDevice, b));
  CHECK(x.get(b)[0] != 2);
  DONE(cudaStreamWaitEvent(b, event, 0));
  DONE(cudaMemcpyAsync(x.at, y.at, sizeof one, cudaMemcpyDeviceToDevice, b));
  CHECK(x.get(b)[0] == 2);

  DONE(cudaFreeHost(pinned));
  DONE(cudaEventDestroy(event));
  DONE(cudaStreamDestroy(a));
  DONE(cudaStreamDestroy(b));
}

static void graphs_replay(cudaStream_t s)
{
  const int n = 100;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t exec = nullptr;
  device<double> x(std::vector<double>(n, 1.0), s), y(std::vector<double>(n, 0.0), s);

  DONE(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal));
  DONE(launch_axpy(n, 3, x.at, y.at, s));
  DONE(cudaStreamEndCapture(s, &graph));
  DONE(cudaGraphInstantiate(&exec, graph, 0));
  DONE(cudaGraphDestroy(graph));
  CHECK(y.get(s)[n - 1] == 0);
  for (int i = 0; i < 4; ++i)
    DONE(cudaGraphLaunch(exec, s));
  CHECK(y.get(s)[n - 1] == 12);
  DONE(cudaGraphExecDestroy(exec));

  /* A wait while capturing spoils the capture, and the stream lives on. */
  DONE(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal));
  CHECK(cudaStreamSynchronize(s) == cudaErrorStreamCaptureUnsupported);
  CHECK(cudaStreamEndCapture(s, &graph) == cudaErrorStreamCaptureInvalidated && !graph);
  CHECK(y.get(s)[0] == 12);
  (void)cudaGetLastError();
}

/* -------------------------------------------------------------------------------------- errors */

static void errors_are_reported(cudaStream_t s)
{
  double host = 0;
  device<double> x(10);
  void *p = nullptr;

  (void)cudaGetLastError();
  CHECK(cudaMemcpyAsync(x.at, &host, 11 * sizeof host, cudaMemcpyHostToDevice, s) ==
        cudaErrorInvalidValue);
  CHECK(cudaPeekAtLastError() == cudaErrorInvalidValue);
  CHECK(cudaGetLastError() == cudaErrorInvalidValue && cudaGetLastError() == cudaSuccess);
  CHECK(cudaMemcpyAsync(&host, &host, sizeof host, cudaMemcpyHostToDevice, s) != cudaSuccess);
  CHECK(cudaMalloc(&p, (size_t)1 << 60) == cudaErrorMemoryAllocation && !p);
  CHECK(cudaFree(&host) == cudaErrorInvalidValue);
  CHECK(launch_axpy(1, 0, x.at, x.at, (cudaStream_t)&host) == cudaErrorInvalidResourceHandle);
  CHECK(cudaSetDevice(7) == cudaErrorInvalidDevice);

  control->fail_at(2, STANDINS_FAIL_ONCE);
  DONE(cudaStreamSynchronize(s));
  CHECK(cudaMalloc(&p, 8) == cudaErrorMemoryAllocation);
  CHECK(!strcmp(control->failed_call(), "cudaMalloc"));
  DONE(cudaStreamSynchronize(s));
  control->fail_at(1, STANDINS_FAIL_STICKY);
  CHECK(cudaStreamSynchronize(s) == cudaErrorIllegalAddress);
  CHECK(cudaMalloc(&p, 8) == cudaErrorIllegalAddress);
  control->fail_at(0, STANDINS_FAIL_ONCE);

  /* An ordinary host array given to a kernel kills the device when the kernel runs. */
  double array[4] = { 0 };
  DONE(launch_axpy(4, 1, array, array, s));
  CHECK(cudaStreamSynchronize(s) == cudaErrorIllegalAddress);
  CHECK(cudaStreamSynchronize(s) == cudaErrorIllegalAddress);
  control->fail_at(0, STANDINS_FAIL_ONCE);
  (void)cudaGetLastError();
}

/* ------------------------------------------------------------------------------------ mistakes */

static int make_mistake(const std::string &name)
{
  cudaStream_t s = new_stream();
  device<float> *x = new device<float>(std::vector<float>(60, 1.0f), s); /* leaked by `leak` */
  const char *kernels[] = { "diverged_barrier", "early_exit", "stray_lane" };

  for (int k = 0; k < 3; ++k)
    if (name == kernels[k])
      launch_mistake((selftest_mistake)k, 20, x->at, s);
  if (name == "past_the_end")
    launch_axpy(4000, 1, (const double *)x->at, (double *)x->at, s);
  if (name == "beside")
    launch_axpy(31, 1, (const double *)x->at, (double *)x->at, s); /* 8 bytes too far */
  if (name == "host_read")
    printf("%g\n", (double)x->at[3]);
  if (name == "use_after_free") {
    DONE(cudaFree(x->at));
    printf("%g\n", (double)x->at[0]);
  }
  cudaStreamSynchronize(s);
  if (name != "leak") {
    delete x;
    cudaStreamDestroy(s);
  }
  return 0;
}

int main(int argc, char **argv)
{
  void *library = dlopen("libcudart.so.13", RTLD_NOW | RTLD_NOLOAD);
  standins_control_fn *get =
      library ? (standins_control_fn *)dlsym(library, "standins_control_get") : nullptr;
  if (!get) {
    fprintf(stderr, "selftest: the runtime is not the fake one\n");
    return 1;
  }
  control = get();
  if (argc > 1)
    return make_mistake(argv[1]);

  cudaStream_t s = new_stream();
  for (unsigned long seed = 0; seed < 4; ++seed) {
    control->seed(seed);
    kernels_compute(s);
  }
  control->seed(0);
  order_shows(s);
  streams_are_lazy();
  graphs_replay(s);
  errors_are_reported(s);
  DONE(cudaStreamDestroy(s));
  CHECK(control->live_bytes() == 0 && control->live_pinned_bytes() == 0);
  CHECK(control->live_objects() == 0);
  printf("standins_selftest: %d passed, %d failed, 0 skipped\n", passed, failed);
  return failed != 0;
}
