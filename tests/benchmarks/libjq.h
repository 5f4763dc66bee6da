#pragma once
// libjq 1.6 as a program of ours would embed it: values in, values out. What the benchmarks compare with.

#include "workflows/value/value.h"

#include <string>

struct jq_state;

namespace cairn::bench {

class LibJq {
 public:
  /// Ends the process when `program` does not compile.
  explicit LibJq(const std::string& program);
  ~LibJq();
  LibJq(const LibJq&) = delete;
  LibJq& operator=(const LibJq&) = delete;

  /// The last output on `input`.
  Value run(const Value& input);

 private:
  jq_state* jq_;
};

}  // namespace cairn::bench
