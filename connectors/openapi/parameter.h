#pragma once
// A described parameter, and how a value is written where the description wants it.

#include "connectors/http/headers.h"
#include "connectors/openapi/document.h"

#include <string>
#include <vector>

namespace cairn {

/// The styles of OpenAPI 3; Swagger's collection formats are put in the same terms.
enum class ParameterStyle { simple, label, matrix, form, space_delimited, tab_delimited, pipe_delimited, deep_object };

struct OpenApiParameter {
  enum class Place { path, query, header, cookie, form_field, body };
  std::string name;
  Place place = Place::query;
  bool required = false;
  ParameterStyle style = ParameterStyle::form;
  bool explode = true;
  bool json = false;            ///< described by `content`: written as JSON text
  bool allow_reserved = false;  ///< of a query: reserved characters stay as they are, but for those that end it
  bool file = false;            ///< formData of type file

  /// Reads a parameter object with its references resolved. One that contradicts itself is a configuration problem.
  static OrProblem<OpenApiParameter> read(const OpenApiDocument& document, const Value& definition);
};

/// What the parameters of a call become.
struct WrittenParameters {
  std::string path;   ///< the template, filled in
  std::string query;  ///< encoded
  HeaderList headers;
  std::string cookies;              ///< of one Cookie header
  std::vector<Member> form_fields;  ///< Swagger's formData
  bool has_file = false;            ///< among them
};

/// Writes `value` to where `parameter` belongs (not `body`). A value the style cannot hold is a validation problem.
OrProblem<void> write_parameter(const OpenApiParameter& parameter, const Value& value, WrittenParameters& written);

}  // namespace cairn
