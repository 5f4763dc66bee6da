#include "tests/simulation/trace.h"

namespace cairn::simulation {
namespace {

constexpr std::size_t k_last_lines = 60;
constexpr std::uint64_t k_fnv_prime = 0x100000001b3U;

}  // namespace

const std::string& Trace::name(const RunId& run) {
  auto& known = names_[run];
  if (known.empty()) known = fmt::format("r{}", names_.size());
  return known;
}

void Trace::add(const std::string& text) {
  std::string full = fmt::format("{:>10} {}", time_.elapsed_ms(), text);
  for (const char c : full) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * k_fnv_prime;
  ++lines_;
  if (printing_) fmt::print("{}\n", full);
  last_.push_back(std::move(full));
  if (last_.size() > k_last_lines) last_.pop_front();
}

}  // namespace cairn::simulation
