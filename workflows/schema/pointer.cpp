#include "workflows/schema/pointer.h"

#include <charconv>

namespace cairn::schema {

std::string pointer_step(std::string_view name) {
  std::string step = "/";
  for (const char c : name) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

std::optional<std::string> pointer_of_fragment(std::string_view fragment) {
  if (fragment.starts_with('#')) fragment.remove_prefix(1);
  std::string pointer;
  for (std::size_t at = 0; at < fragment.size(); ++at) {
    if (fragment[at] != '%') {
      pointer += fragment[at];
      continue;
    }
    unsigned int byte = 0;
    const std::string_view digits = fragment.substr(at + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (error != std::errc{} || digits.size() != 2 || end != digits.data() + 2) return std::nullopt;
    pointer += static_cast<char>(byte);
    at += 2;
  }
  if (!pointer.empty() && pointer.front() != '/') return std::nullopt;
  return pointer;
}

std::optional<const Value*> resolve_pointer(const Value& document, std::string_view pointer) {
  const Value* at = &document;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // the slash
    const std::string_view escaped = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(escaped.size());
    std::string name;
    for (std::size_t i = 0; i < escaped.size(); ++i) {
      const bool escape =
          escaped[i] == '~' && i + 1 < escaped.size() && (escaped[i + 1] == '0' || escaped[i + 1] == '1');
      name += !escape ? escaped[i] : escaped[++i] == '0' ? '~' : '/';
    }
    if (at->is_object()) {
      at = at->find(name);
    } else {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
      const bool inside =
          at->is_array() && error == std::errc{} && end == name.data() + name.size() && index < at->as_array().size();
      at = inside ? &at->as_array()[index] : nullptr;
    }
    if (at == nullptr) return std::nullopt;
  }
  return at;
}

}  // namespace cairn::schema
