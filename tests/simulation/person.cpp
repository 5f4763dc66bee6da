#include "tests/simulation/person.h"

#include "engine/runtime/approval_token.h"
#include "engine/runtime/approvals.h"

namespace cairn::simulation {

void Person::begin() {
  if (!plan_.shape.approves) return;
  time_.after(0, [this] { act(); });
}

void Person::act() {
  if (left_) return;
  static constexpr std::int64_t k_pauses_ms[] = {0, 1'000, 60'000, 600'000, 3'600'000};
  time_.after(dice_.between(0, dice_.of(k_pauses_ms)), [this] { act(); });
  if (process().engine.stopped_by()) return;
  look();
  if (tokens_.empty()) return;
  const std::string token = dice_.of(tokens_);
  if (dice_.one_in(5)) return answer_with_wrong(token);
  answer(token);
  if (dice_.one_in(4)) answer(token);
}

void Person::look() {
  const auto key = process().log.approval_key();
  if (!key) return trace_.violated("the key of approvals cannot be read: {}", key.error().to_string());
  for (const auto& [id, run] : history_.runs()) {
    for (const auto& [frame_id, frame] : run.state.frames) {
      if (!is_open(frame)) continue;
      const auto links = approval_links(key.value(), run.state, frame);
      std::size_t& noted = noted_[{id, frame_id}];
      for (; noted < links.size(); ++noted) tokens_.push_back(links[noted].token);
    }
  }
}

void Person::answer(const std::string& token) {
  const auto ticket = read_approval_token(process().log.approval_key().value(), token);
  if (!ticket) return trace_.violated("a token that was given out is not known: {}", ticket.error().to_string());
  const Name name{ticket.value().run, ticket.value().approval};
  const Said said{dice_.one_in(2), "person " + std::to_string(++answers_)};
  trace_.line("answer {} {} {}", trace_.name(name.first), number_of(name.second), said.by);
  const auto done = process().engine.answer(
      name.first, {name.second, said.approved, Value::object({{"n", Value::integer(1)}}), said.by});
  if (done) {
    if (!acknowledged_.try_emplace(name, said).second) {
      trace_.violated("{}: approval {} takes a second answer", trace_.name(name.first), number_of(name.second));
    }
    return;
  }
  const bool troubled = process().pipeline.failed() || (plan_.no_room > 0 && done.error().code == ErrorCode::disk_full);
  if (troubled) return;
  if (done.error().code != ErrorCode::conflict) {
    trace_.violated("{}: an answer fails: {}", trace_.name(name.first), done.error().to_string());
  }
  const RunState& state = history_.find(name.first)->state;
  const Frame* frame = state.find_frame(name.second);
  const auto deadline = deadline_of(state, name.second);
  const bool late = deadline && !state.suspended_at && *deadline <= time_.now();
  const bool ending = !state.parked.empty();  // its fault may be what is left to be done
  if (frame != nullptr && is_open(*frame) && !late && !ending) {
    trace_.violated("{}: approval {} is open, and refuses its answer: {}", trace_.name(name.first),
                    number_of(name.second), done.error().message);
  }
}

void Person::answer_with_wrong(std::string token) {
  char& changed = token[dice_.below(token.size())];
  changed = changed == 'x' ? 'y' : 'x';
  if (read_approval_token(process().log.approval_key().value(), token)) {
    trace_.violated("a token that nobody was given is taken for one");
  }
}

bool Person::answer_all() {
  look();
  std::vector<Name> open;
  for (const auto& [id, run] : history_.runs()) {
    if (run.state.suspended_at) continue;
    for (const auto& [frame_id, frame] : run.state.frames) {
      if (is_open(frame)) open.emplace_back(id, frame_id);
    }
  }
  const auto key = process().log.approval_key();
  for (const auto& [run, approval] : open) answer(make_approval_token(key.value(), {run, approval, 0}));
  return !open.empty();
}

void Person::check(const EventLog& log) const {
  using State = ApprovalStanding::State;
  for (const auto& [name, said] : acknowledged_) {
    const auto standing = approval_standing(log, name.first, name.second);
    const State expected = said.approved ? State::approved : State::rejected;
    if (!standing || standing.value().state != expected || standing.value().by != said.by) {
      trace_.violated("{}: the answer of {} to approval {} was acknowledged, and is not what the log says",
                      trace_.name(name.first), said.by, number_of(name.second));
    }
  }
}

}  // namespace cairn::simulation
