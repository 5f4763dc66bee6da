#include "cli/working.h"

#include "cli/cli.h"
#include "cli/terminal.h"

namespace cairn {

Value texts(const std::vector<DefinitionText>& definitions, std::size_t from) {
  Array items;
  for (std::size_t i = from; i < definitions.size(); ++i) items.push_back(Value::string(definitions[i].text));
  return Value::array(std::move(items));
}

void stay(Session& session) {
  if (session.hosted() > 0 && standard_error().is_terminal()) {
    print_note("done; this process stays while other runs need it (Ctrl-C hands them on)");
  }
  if (session.stay() == CallEnd::interrupted && session.hosted() > 0) {
    print_note("other runs were stopped; go on with: cairn resume");
  }
}

int code_of_all(const Watched& watched, int code_of_last) {
  int code = code_of_last;
  for (const auto& [run, end] : watched.ended) {
    const bool faulted = end.get("status") == Value::string("faulted");
    const bool cancelled = end.get("status") == Value::string("cancelled");
    if (faulted && run != watched.last) print_note("run " + run + " faulted; see: cairn show " + run);
    if (faulted) code = k_exit_failed;
    if (cancelled && code == k_exit_ok) code = k_exit_cancelled;
  }
  return code;
}

}  // namespace cairn
