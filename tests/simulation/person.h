#pragma once
// The person who is asked for approvals: answers once, twice, late, with a wrong token, for runs that have ended, before and
// after crashes; and holds the engine to what it has said.

#include "tests/simulation/plan.h"
#include "tests/simulation/process.h"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cairn::simulation {

class Person {
 public:
  Person(SimulatedTime& time, History& history, Trace& trace, Dice dice, const Plan& plan)
      : time_(time), history_(history), trace_(trace), dice_(dice), plan_(plan) {}

  /// Asked at every act: the process that lives.
  std::function<Process&()> process;

  /// Puts the first act on the agenda; each act puts the next one there. Nothing in a world without approvals.
  void begin();
  void leave() { left_ = true; }
  /// Answers every approval that is open. False: none is.
  bool answer_all();
  /// What was acknowledged is what the log says, and was said of nothing else.
  void check(const EventLog& log) const;

 private:
  using Name = std::pair<RunId, EventSeq>;
  struct Said {
    bool approved = false;
    std::string by;
  };
  void act();
  /// Tokens of what is open are noted: they are tried again later, when it no longer is.
  void look();
  void answer(const std::string& token);
  void answer_with_wrong(std::string token);

  SimulatedTime& time_;
  History& history_;
  Trace& trace_;
  Dice dice_;
  const Plan& plan_;
  std::vector<std::string> tokens_;
  std::map<Name, std::size_t> noted_;  ///< those who are asked by it, as far as their tokens are noted
  std::map<Name, Said> acknowledged_;
  std::uint64_t answers_ = 0;
  bool left_ = false;
};

}  // namespace cairn::simulation
