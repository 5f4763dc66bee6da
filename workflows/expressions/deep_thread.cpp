#include "workflows/expressions/deep_thread.h"

#include <pthread.h>

#include <cstddef>

namespace cairn::jq {
namespace {

// Address space only; what is not used takes no memory.
constexpr std::size_t k_stack_bytes = std::size_t{512} << 20U;

void* run(void* function) {
  (*static_cast<const std::function<void()>*>(function))();
  return nullptr;
}

}  // namespace

bool run_on_deep_thread(const std::function<void()>& function) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  std::function<void()> call(function);
  pthread_t thread{};
  const bool started = pthread_attr_setstacksize(&attributes, k_stack_bytes) == 0 &&
                       pthread_create(&thread, &attributes, run, &call) == 0;
  pthread_attr_destroy(&attributes);
  if (started) pthread_join(thread, nullptr);
  return started;
}

}  // namespace cairn::jq
