#pragma once
// A definition together with what it takes from outside: functions of catalogs and URLs, schemas. It is kept as one text, so
// that whoever stores, sends or hashes a definition need not know: a definition that takes nothing is its own bundle.
//
//   %CAIRN-BUNDLE 1
//   {"text": "document: …", "resources": [{"uri": "https://…", "sha256": "…", "text": "…"}]}

#include "workflows/core/error.h"

#include <map>
#include <string>
#include <string_view>

namespace cairn {

/// Texts by URI, as NeededResource::uri has it.
using Resources = std::map<std::string, std::string, std::less<>>;

struct DefinitionBundle {
  std::string text;  ///< the definition
  Resources resources;
};

/// Equal bundles give equal text; without resources the definition's own.
std::string write_bundle(const DefinitionBundle& bundle);

/// corrupt: it begins as a bundle and is none, or a text is not what its hash says.
Result<DefinitionBundle> read_bundle(std::string_view text);

}  // namespace cairn
