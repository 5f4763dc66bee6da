#include "workflows/definition/bundle.h"

#include "workflows/core/sha256.h"
#include "workflows/value/json.h"
#include "workflows/value/value.h"

#include <utility>
#include <vector>

namespace cairn {

namespace {

// A directive of YAML that no version of YAML has: no definition begins like this.
constexpr std::string_view k_header = "%CAIRN-BUNDLE 1\n";

Error damaged(std::string why) {
  return make_error(ErrorCode::corrupt, "a bundle of a definition is damaged: " + std::move(why), {},
                    "Take the definition in again");
}

Result<std::string> text_in(const Value& value, std::string_view name) {
  const Value* text = value.find(name);
  if (text == nullptr || !text->is_string()) return damaged("it has no '" + std::string(name) + "'");
  return text->as_string();
}

}  // namespace

std::string write_bundle(const DefinitionBundle& bundle) {
  if (bundle.resources.empty()) return bundle.text;
  Array resources;
  for (const auto& [uri, text] : bundle.resources) {
    resources.push_back(Value::object(
        {{"uri", Value::string(uri)}, {"sha256", Value::string(sha256(text).hex())}, {"text", Value::string(text)}}));
  }
  const Value whole =
      Value::object({{"text", Value::string(bundle.text)}, {"resources", Value::array(std::move(resources))}});
  return std::string(k_header) + to_json(whole);
}

Result<DefinitionBundle> read_bundle(std::string_view text) {
  DefinitionBundle bundle;
  if (!text.starts_with(k_header)) {
    bundle.text = text;
    return bundle;
  }
  const auto whole = parse_json(text.substr(k_header.size()));
  if (!whole) return damaged(whole.error().message);
  CAIRN_TRY(bundle.text, text_in(whole.value(), "text"));
  const Value* resources = whole.value().find("resources");
  if (resources == nullptr || !resources->is_array()) return damaged("it has no 'resources'");
  for (const auto& resource : resources->as_array()) {
    CAIRN_TRY(auto uri, text_in(resource, "uri"));
    CAIRN_TRY(const auto hash, text_in(resource, "sha256"));
    CAIRN_TRY(auto content, text_in(resource, "text"));
    if (sha256(content).hex() != hash) return damaged(uri + " is not what its hash says");
    bundle.resources.emplace(std::move(uri), std::move(content));
  }
  return bundle;
}

}  // namespace cairn
