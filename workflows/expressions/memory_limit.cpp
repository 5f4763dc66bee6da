#include "workflows/expressions/memory_limit.h"

#include <malloc.h>

#include <cstdio>
#include <cstdlib>

namespace cairn::jq {
namespace {

thread_local MemoryMeter* t_meter = nullptr;

// As libjq does it: there is no way back through its frames.
void* checked(void* block) {
  if (block == nullptr) {
    std::fputs("cairn: out of memory in an expression\n", stderr);
    std::abort();
  }
  if (t_meter != nullptr) t_meter->took(block);
  return block;
}

}  // namespace

MemoryMeter::MemoryMeter(MemoryLimit limit, void (*stop)(void*), void* target)
    : left_(limit), stop_(stop), target_(target) {
  t_meter = this;
}

MemoryMeter::~MemoryMeter() { t_meter = nullptr; }

void MemoryMeter::took(void* block) {
  left_.bytes -= static_cast<std::int64_t>(malloc_usable_size(block));
  left_.blocks -= 1;
  if (exceeded_ || (left_.bytes >= 0 && left_.blocks >= 0)) return;
  exceeded_ = true;
  stop_(target_);
}

void MemoryMeter::gave(void* block) {
  left_.bytes += static_cast<std::int64_t>(malloc_usable_size(block));
  left_.blocks += 1;
}

}  // namespace cairn::jq

// libjq allocates through these functions. The definitions here take the place of the library's own (ELF symbols
// resolve to the executable first).
extern "C" {

void* jv_mem_alloc(std::size_t size) { return cairn::jq::checked(std::malloc(size)); }
void* jv_mem_calloc(std::size_t count, std::size_t size) { return cairn::jq::checked(std::calloc(count, size)); }

void* jv_mem_realloc(void* block, std::size_t size) {
  if (block != nullptr && cairn::jq::t_meter != nullptr) cairn::jq::t_meter->gave(block);
  return cairn::jq::checked(std::realloc(block, size));
}

void jv_mem_free(void* block) {
  if (block != nullptr && cairn::jq::t_meter != nullptr) cairn::jq::t_meter->gave(block);
  std::free(block);
}
}
