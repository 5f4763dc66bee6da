// Any bytes as YAML: an answer, never a crash; and every position inside the text.

#include "workflows/core/assert.h"
#include "workflows/source/source.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const cairn::ParsedSource parsed = cairn::parse_source(text);
  CAIRN_ASSERT(parsed.document != nullptr || !parsed.diagnostics.empty(), "a text that is refused has a reason");
  if (parsed.document == nullptr) return 0;
  const cairn::SourceDocument& document = *parsed.document;
  const auto inside = [&](cairn::SourcePosition position) {
    return position.line >= 1 && position.column >= 1 && position <= document.position(document.text().size());
  };
  std::vector<const cairn::SourceNode*> open = {&document.root()};
  std::size_t seen = 0;
  while (!open.empty() && ++seen < 10'000) {
    const cairn::SourceNode& node = *open.back();
    open.pop_back();
    CAIRN_ASSERT(inside(node.position), "a node stands in the text");
    if (node.value.is_string()) {
      const std::size_t length = node.value.as_string().size();
      for (const std::size_t offset : {std::size_t{0}, length / 2, length}) {
        CAIRN_ASSERT(inside(document.position_in(node, offset)), "a byte of a string stands in the text");
      }
    }
    for (const cairn::SourceMember& member : node.members) open.push_back(member.value);
    for (const cairn::SourceNode* item : node.items) open.push_back(item);
  }
  return 0;
}
