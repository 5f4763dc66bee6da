#pragma once
// What commands that work on runs share.

#include "cli/definitions.h"
#include "cli/session.h"
#include "cli/watch.h"

#include <cstddef>
#include <vector>

namespace cairn {

/// The texts of `definitions`, from the one with this number on.
Value texts(const std::vector<DefinitionText>& definitions, std::size_t from);

/// Stays for what the process still works on after its own runs have ended.
void stay(Session& session);

/// The exit code for several runs, of which that of the last is known: the worst of all, since a script wants to know whether
/// everything went well.
int code_of_all(const Watched& watched, int code_of_last);

}  // namespace cairn
