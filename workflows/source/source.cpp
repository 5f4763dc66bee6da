#include "workflows/source/source.h"

#include "workflows/source/flood.h"
#include "workflows/source/surrogates.h"
#include "workflows/source/tree_builder.h"
#include "workflows/source/yaml_message.h"
#include "workflows/value/json.h"
#include "workflows/value/utf8.h"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <new>
#include <optional>
#include <sstream>
#include <utility>

namespace cairn {

namespace {

Diagnostic error_at(SourcePosition position, std::string message, std::string hint = {}, std::string pointer = {}) {
  return {Severity::error, position, std::move(pointer), std::move(message), std::move(hint)};
}

/// Of a text that is not valid UTF-8.
std::size_t first_invalid_byte(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) ++end;
    if (!is_valid_utf8(text.substr(i, end - i))) return i;
    i = end;
  }
  return i;
}

/// What must be wrong with the bytes before a parser sees them.
std::optional<Diagnostic> find_bad_bytes(std::string_view text, const SourceLimits& limits) {
  if (text.size() > limits.bytes) {
    return error_at({1, 1}, fmt::format("the text has {} bytes, more than the {} allowed", text.size(), limits.bytes));
  }
  if (!is_valid_utf8(text)) {
    const std::size_t bad = first_invalid_byte(text);
    return error_at(LineMap(text.substr(0, bad)).position(bad), "the text is not UTF-8 from here on",
                    "save the file as UTF-8");
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r') continue;
    return error_at(LineMap(text.substr(0, i)).position(i),
                    fmt::format("a control character (U+{:04X}) stands here", byte),
                    "write it as an escape inside double quotes");
  }
  return std::nullopt;
}

Diagnostic explain_flood(const Flood& flood, std::string_view text, const SourceLimits& limits) {
  return error_at(LineMap(text).position(flood.offset),
                  flood.kind == Flood::Kind::depth ? fmt::format("values nest more than {} levels deep", limits.depth)
                                                   : fmt::format("the text holds more than {} values", limits.nodes));
}

void run_parser(const YamlText& text, TreeBuilder& builder) {
  std::istringstream stream(text.text);
  YAML::Parser parser(stream);
  if (!parser.HandleNextDocument(builder)) return;
  parser.HandleNextDocument(builder);  // the builder refuses a second document
}

}  // namespace

const SourceMember* SourceNode::find(std::string_view key) const {
  for (const SourceMember& member : members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

SourceDocument::SourceDocument(std::string text) : text_(std::move(text)), lines_(text_) {}

std::string_view SourceDocument::written(const SourceNode& scalar) const {
  if (scalar.style != SourceNode::Style::plain) return {};
  const std::string_view rest = std::string_view(text_).substr(scalar.begin);
  std::size_t end = 0;
  while (end < rest.size()) {
    const char c = rest[end];
    if (c == '\n' || c == '\r' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}') break;
    if (c == '#' && end > 0 && (rest[end - 1] == ' ' || rest[end - 1] == '\t')) break;
    ++end;
  }
  std::string_view result = rest.substr(0, end);
  while (!result.empty() && (result.back() == ' ' || result.back() == '\t')) result.remove_suffix(1);
  return result;
}

ParsedSource parse_source(std::string_view text, const SourceLimits& limits) {
  ParsedSource result;
  const auto give_up = [&result](Diagnostic diagnostic) {
    result.diagnostics.push_back(std::move(diagnostic));
    return std::move(result);
  };
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark says nothing in UTF-8
  if (auto bad = find_bad_bytes(text, limits)) return give_up(*std::move(bad));
  const FlowScan flow = scan_flow(text, limits.depth, limits.nodes);
  if (flow.flood) return give_up(explain_flood(*flow.flood, text, limits));

  auto document = std::make_unique<SourceDocument>(std::string(text));
  const auto unclosed = [&document](std::size_t offset) {
    return error_at(document->position(offset), fmt::format("this '{}' is never closed", document->text()[offset]),
                    "close it, or quote the text it belongs to");
  };
  const YamlText yaml = join_surrogate_escapes(text);
  TreeBuilder builder(*document, yaml, limits, result.diagnostics);
  try {
    run_parser(yaml, builder);
  } catch (const SourceFailure& failure) {
    if (failure.lost && flow.unclosed) return give_up(unclosed(*flow.unclosed));
    return give_up(error_at(document->position(failure.offset), failure.message, failure.hint, failure.pointer));
  } catch (const YAML::DeepRecursion&) {
    return give_up(
        error_at(builder.last_position(), fmt::format("values nest more than {} levels deep", limits.depth)));
  } catch (const YAML::Exception& exception) {
    if (flow.unclosed) return give_up(unclosed(*flow.unclosed));
    const std::size_t offset = builder.offset_of(exception.mark);
    const YamlMessage message = explain_yaml_error(exception.msg, document->text(), offset);
    return give_up(error_at(document->position(message.offset), message.text, message.hint));
  } catch (const std::bad_alloc&) {
    return give_up(error_at({1, 1}, "there is not enough memory to read the text"));
  } catch (const std::exception& exception) {
    return give_up(error_at({1, 1}, fmt::format("the text cannot be read as YAML: {}", exception.what())));
  }
  if (!builder.has_root()) return give_up(error_at({1, 1}, "the text is empty"));
  result.document = std::move(document);
  return result;
}

Result<Value> parse_yaml(std::string_view text, const SourceLimits& limits) {
  const ParsedSource parsed = parse_source(text, limits);
  if (!parsed.diagnostics.empty()) {
    const Diagnostic& first = parsed.diagnostics.front();
    return make_error(ErrorCode::invalid_input, first.message,
                      fmt::format("{}:{}", first.position.line, first.position.column), first.hint);
  }
  return parsed.document->root().value;
}

}  // namespace cairn
