#include "workflows/definition/load.h"

#include "workflows/definition/compiler.h"
#include "workflows/source/source.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cairn {

namespace {

/// Compiles until no text of loose mode turns out to be no expression. Each round finds at least one more, the first
/// one normally all.
std::pair<Program, std::vector<Diagnostic>> compile(const SourceDocument& document) {
  LooseText loose_text;
  while (true) {
    Compiler compiler(document, loose_text);
    compiler.run();
    if (compiler.must_run_again()) continue;
    return {compiler.take_program(), compiler.findings().take()};
  }
}

bool is_error(const Diagnostic& diagnostic) { return diagnostic.severity == Severity::error; }

}  // namespace

LoadedDefinition load_definition(std::string_view text) {
  LoadedDefinition loaded;
  ParsedSource source = parse_source(text);
  loaded.diagnostics = std::move(source.diagnostics);
  if (source.document == nullptr) return loaded;

  auto [program, findings] = compile(*source.document);
  std::move(findings.begin(), findings.end(), std::back_inserter(loaded.diagnostics));
  order_by_position(loaded.diagnostics);
  if (std::any_of(loaded.diagnostics.begin(), loaded.diagnostics.end(), is_error)) return loaded;
  program.hash = sha256(text);
  loaded.program = std::make_shared<const Program>(std::move(program));
  return loaded;
}

}  // namespace cairn
