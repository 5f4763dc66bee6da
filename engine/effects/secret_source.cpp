#include "engine/effects/secret_source.h"

#include <cctype>

namespace cairn {

std::string variable_form(std::string_view name) {
  std::string form;
  form.reserve(name.size());
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    form += byte < 0x80 && std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return form;
}

}  // namespace cairn
