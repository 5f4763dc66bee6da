// Any headers and body as CloudEvents over HTTP: events or a reason, never a crash; and what came in can go out again.

#include "workflows/cloudevents/formats.h"
#include "workflows/cloudevents/http_binding.h"
#include "workflows/core/assert.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  cairn::CloudEventMessage message;
  // Lines "NAME:VALUE" up to an empty one, then the body.
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) break;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    message.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  message.body = text;
  const auto events = cairn::read_message(message, "input");
  if (!events) {
    CAIRN_ASSERT(!events.error().message.empty(), "a message that is refused has a reason");
    return 0;
  }
  for (const auto& event : events.value()) {
    const auto checked = cairn::checked_cloud_event(event, "input");
    if (!checked) continue;
    for (const auto& [name, value] : cairn::binary_message(checked.value()).headers) {
      if (name == "Content-Type") continue;
      for (const char c : value) CAIRN_ASSERT(c > 0x20 && c < 0x7F, "a header holds visible ASCII");
    }
    const auto structured = cairn::read_message(cairn::structured_message(checked.value()), "input");
    CAIRN_ASSERT(structured && structured.value().size() == 1, "what was an event is one when it is sent on");
  }
  return 0;
}
