#include "workflows/definition/load.h"

#include "workflows/definition/bundle.h"
#include "workflows/definition/compiler.h"
#include "workflows/source/source.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cairn {

namespace {

/// Compiles until no text of loose mode turns out to be no expression. Each round finds at least one more, the first
/// one normally all.
Program compile(const SourceDocument& document, const Resources& resources, LoadedDefinition& loaded) {
  LooseText loose_text;
  while (true) {
    Compiler compiler(document, resources, loose_text);
    compiler.run();
    if (compiler.must_run_again()) continue;
    auto findings = compiler.findings().take();
    std::move(findings.begin(), findings.end(), std::back_inserter(loaded.diagnostics));
    loaded.needed = compiler.take_needed();
    return compiler.take_program();
  }
}

bool is_error(const Diagnostic& diagnostic) { return diagnostic.severity == Severity::error; }

}  // namespace

LoadedDefinition load_definition(std::string_view text) {
  LoadedDefinition loaded;
  const auto bundle = read_bundle(text);
  if (!bundle) {
    loaded.diagnostics.push_back({Severity::error, {}, {}, bundle.error().message, bundle.error().remedy});
    return loaded;
  }
  ParsedSource source = parse_source(bundle.value().text);
  loaded.diagnostics = std::move(source.diagnostics);
  if (source.document == nullptr) return loaded;

  Program program = compile(*source.document, bundle.value().resources, loaded);
  order_by_position(loaded.diagnostics);
  if (std::any_of(loaded.diagnostics.begin(), loaded.diagnostics.end(), is_error)) return loaded;
  program.hash = sha256(text);
  loaded.program = std::make_shared<const Program>(std::move(program));
  return loaded;
}

}  // namespace cairn
