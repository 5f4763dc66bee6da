#pragma once
// Where the parts of a definition that lie outside are: pure rules about URIs, nothing is fetched here.

#include "workflows/core/error.h"

#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// The scheme of what the default catalog holds: "default:functions/log/1.0.0/function.yaml".
inline constexpr std::string_view k_default_catalog_scheme = "default";

/// The scheme, in lower case; empty for a relative reference.
std::string scheme_of(std::string_view uri);

/// `reference` as seen from the document at `base` ("": the definition itself, whose relative references stay so).
/// The error is a sentence: what was fetched may not reach for files here, nor out of its catalog.
Result<std::string> resolve_reference(std::string_view base, std::string_view reference);

/// The page of a file at GitHub or GitLab → the file itself (guide "Catalogs", "File Structure"); any other URI as it is.
/// A link to a folder leads to the folder.
std::string raw_uri(std::string_view uri);

/// The definition of a function, from the root of its catalog.
std::string cataloged_function_uri(std::string_view root, std::string_view name, std::string_view version);

/// The definition of a function that is called by its URI: a folder has it in function.yaml, OWNER/REPOSITORY/PATH@REF is a
/// folder of a repository at a branch, tag or commit.
std::string custom_function_uri(std::string_view uri);

/// Whether text is a relative reference, written out: no scheme and no expression.
bool is_relative_reference(std::string_view text);

/// NAME:VERSION[@CATALOG].
struct CatalogedName {
  std::string name;
  std::string version;
  std::string catalog;  ///< empty when not named
};
/// Nothing: not of that form.
std::optional<CatalogedName> parse_cataloged_name(std::string_view text);

}  // namespace cairn
