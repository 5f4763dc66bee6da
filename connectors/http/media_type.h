#pragma once
// Content-Type: what a body is, and what it becomes as data.

#include "connectors/http/or_problem.h"
#include "workflows/value/value.h"

#include <string>
#include <string_view>

namespace cairn {

struct MediaType {
  std::string name;     ///< lower case, without parameters; empty when there is none
  std::string charset;  ///< lower case; empty when not given

  static MediaType parse(std::string_view content_type);
  [[nodiscard]] bool is_json() const;  ///< application/json, text/json, anything +json
  [[nodiscard]] bool is_form() const;  ///< application/x-www-form-urlencoded
  [[nodiscard]] bool is_text() const;  ///< text/*, XML, YAML, JavaScript, forms, NDJSON and the like
};

/// A response's body as data:
///   empty                                             → null
///   JSON                                              → the value; a communication problem (502) when it does not
///   parse text in UTF-8, US-ASCII or ISO-8859-1             → a string anything else, also text that is not what it
///   says → a string of base64
OrProblem<Value> decode_content(const MediaType& type, std::string_view body);

}  // namespace cairn
