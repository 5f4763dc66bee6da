#pragma once
// The keywords of JSON Schema: what each holds and whether it is checked here.

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::schema {

/// What stands behind a keyword.
enum class Operand : std::uint8_t {
  schema,
  schemas,            ///< a list of schemas, at least one
  items,              ///< a schema or a list of them
  named_schemas,      ///< an object of schemas
  patterned_schemas,  ///< an object of schemas whose names are regular expressions
  dependencies,       ///< an object of schemas or lists of names
  name_lists,         ///< an object of lists of names
  names,              ///< a list of texts
  type,
  values,  ///< a list of anything
  value,   ///< anything
  number,
  divisor,  ///< a number above 0
  count,    ///< an integer, not negative
  pattern,
  boolean,
  text,
  reference,   ///< $ref
  dialect,     ///< $schema
  id,          ///< $id
  annotation,  ///< says nothing about validity; not looked into
  unsupported,
};

/// Drafts in order; a document says which one it means, or none.
enum class Draft : std::uint8_t { any, draft_6, draft_7, draft_2019, draft_2020 };

struct Keyword {
  std::string_view name;
  Operand operand;
  Draft since = Draft::any;
  Draft until = Draft::any;  ///< the last draft that has it
};

/// The keyword, or nullptr. `x-…` is an annotation of that name.
const Keyword* find_keyword(std::string_view name);

/// " (did you mean 'minimum'?)", or "".
std::string did_you_mean_keyword(std::string_view name);

/// "draft 7", "draft 2020-12" …
std::string_view name_of(Draft draft);

}  // namespace cairn::schema
