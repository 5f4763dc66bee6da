// Any text as a definition: a Program or a reason; never a crash. What loads can be drawn, and loads again to the same
// hash.

#include "workflows/core/assert.h"
#include "workflows/definition/load.h"
#include "workflows/diagram/diagram.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const cairn::LoadedDefinition loaded = cairn::load_definition(text);
  const bool has_error =
      std::any_of(loaded.diagnostics.begin(), loaded.diagnostics.end(),
                  [](const cairn::Diagnostic& one) { return one.severity == cairn::Severity::error; });
  CAIRN_ASSERT(loaded.ok() != has_error, "a definition loads, or there is a reason");
  cairn::format_diagnostics(loaded.diagnostics, text, "fuzz.yaml");
  if (!loaded.ok()) return 0;
  CAIRN_ASSERT(!cairn::to_mermaid(*loaded.program).empty(), "every program can be drawn");
  CAIRN_ASSERT(!cairn::to_dot(*loaded.program).empty(), "every program can be drawn");
  return 0;
}
