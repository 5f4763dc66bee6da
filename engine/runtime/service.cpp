// The door of Service: which op goes where, and what a request may look like.

#include "engine/runtime/history.h"
#include "engine/runtime/service_impl.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {
namespace {

/// The exchange of a request that was answered at once.
class Answered final : public Exchange {};

Error bad_member(std::string_view name, std::string_view expected) {
  return make_error(ErrorCode::invalid_usage, fmt::format("member '{}' of the request must be {}", name, expected));
}

constexpr bool is_hex_or_dash(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
}

Error no_such_run(std::string_view name) {
  return make_error(ErrorCode::not_found, fmt::format("there is no run '{}'", name), {},
                    "List the runs with: cairn runs");
}

Result<RunId> newest_run(const EventLog& log) {
  std::optional<RunId> newest;
  CAIRN_TRY(log.each_run([&](const RunSummary& summary) {
    if (summary.parent.is_nil()) newest = summary.id;
    return !newest;
  }));
  if (!newest) return make_error(ErrorCode::not_found, "there are no runs yet", {}, "Start one with: cairn run FILE");
  return *newest;
}

}  // namespace

Result<std::string> required_text(const Value& request, std::string_view name) {
  const Value* member = request.find(name);
  if (member == nullptr || !member->is_string()) return bad_member(name, "a string");
  return member->as_string();
}

Result<std::string> optional_text(const Value& request, std::string_view name) {
  const Value* member = request.find(name);
  if (member == nullptr || member->is_null()) return std::string();
  return required_text(request, name);
}

Result<std::optional<std::uint64_t>> optional_count(const Value& request, std::string_view name) {
  const Value* member = request.find(name);
  if (member == nullptr || member->is_null()) return std::optional<std::uint64_t>();
  const bool negative = member->kind() == Value::Kind::Int && member->as_int() < 0;
  if (!member->is_integer() || negative) return bad_member(name, "a whole number, not negative");
  return std::optional<std::uint64_t>(member->as_uint());
}

Result<std::vector<std::string>> optional_texts(const Value& request, std::string_view name) {
  std::vector<std::string> texts;
  const Value* member = request.find(name);
  if (member == nullptr || member->is_null()) return texts;
  if (!member->is_array()) return bad_member(name, "an array of texts");
  for (const auto& item : member->as_array()) {
    if (!item.is_string()) return bad_member(name, "an array of texts");
    texts.push_back(item.as_string());
  }
  return texts;
}

Value error_message(const Error& error) {
  return Value::object({{"error", Value::object({{"code", Value::string(std::string(name_of(error.code)))},
                                                 {"message", Value::string(error.message)},
                                                 {"where", Value::string(error.where)},
                                                 {"remedy", Value::string(error.remedy)}})}});
}

std::optional<Error> error_in(const Value& message) {
  const Value* error = message.find("error");
  // A run's problem, inside the end of a run, is no error of the service.
  if (error == nullptr || !error->is_object() || error->find("code") == nullptr) return std::nullopt;
  const auto text = [error](std::string_view name) {
    const Value member = error->get(name);
    return member.is_string() ? member.as_string() : std::string();
  };
  Error read = make_error(ErrorCode::internal, text("message"), text("where"), text("remedy"));
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    if (name_of(static_cast<ErrorCode>(code)) == text("code")) read.code = static_cast<ErrorCode>(code);
  }
  return read;
}

Result<RunId> resolve_run(const EventLog& log, std::string_view name) {
  if (name == "last") return newest_run(log);
  if (const auto id = RunId::parse(name)) {
    CAIRN_TRY(const auto summary, log.summary(*id));
    if (!summary) return no_such_run(log, *id);
    return *id;
  }
  for (const char c : name) {
    if (!is_hex_or_dash(c)) {
      return make_error(ErrorCode::not_found,
                        fmt::format("'{}' is no run: it is neither a prefix of an id nor 'last'", name), {},
                        "List the runs with: cairn runs");
    }
  }
  if (name.empty()) return make_error(ErrorCode::invalid_usage, "the name of a run is empty");
  constexpr std::size_t k_shown = 4;
  CAIRN_TRY(const auto found, log.runs_with_prefix(name, k_shown));
  if (found.empty()) {
    CAIRN_TRY(const auto removed, log.removals(name, 2));
    if (removed.size() == 1) return make_error(ErrorCode::not_found, removal_sentence(removed.front()));
    return no_such_run(name);
  }
  if (found.size() > 1) {
    std::string candidates;
    for (const auto& id : found) candidates += (candidates.empty() ? "" : ", ") + id.to_string();
    return make_error(
        ErrorCode::ambiguous,
        fmt::format("'{}' names several runs: {}{}", name, candidates, found.size() == k_shown ? ", …" : ""), {},
        "Give more of the id");
  }
  return found.front();
}

Service::Service(boost::asio::io_context& io, Engine& engine, Clock& clock)
    : impl_(std::make_unique<Impl>(io, engine, clock)) {}
Service::~Service() = default;

Service::Impl::~Impl() {
  for (auto& worker : workers) worker.thread.join();
}

void Service::on_handover(std::function<bool()> asked) { impl_->asked_for_handover = std::move(asked); }

void Service::remember(const DefinitionText& definition) {
  if (definition.program != nullptr) impl_->programs[definition.program->hash] = definition.program;
}

std::unique_ptr<Exchange> Service::handle(const Value& request, Answer answer) {
  Impl& service = *impl_;
  const auto at_once = [&](Result<Value> message) -> Impl::Opened {
    CAIRN_TRY(auto value, std::move(message));
    answer(std::move(value), true);
    return std::make_unique<Answered>();
  };
  const auto open = [&]() -> Impl::Opened {
    CAIRN_TRY(const auto op, required_text(request, "op"));
    if (op == "start") return service.start(request, answer);
    if (op == "resume") return service.resume(request, answer);
    if (op == "follow") return service.follow(request, answer);
    if (op == "events") return service.events(request, answer);
    if (op == "runs") return at_once(service.runs(request));
    if (op == "show") return at_once(service.show(request));
    if (op == "replay" && request.get("verify").truthy()) return service.verify_replay(request, answer);
    if (op == "replay") return at_once(service.replay(request));
    if (op == "why") return at_once(service.why(request));
    if (op == "doctor") return service.doctor(answer);
    if (op == "graph") return at_once(service.graph(request));
    if (op == "command") return at_once(service.command(request));
    if (op == "priority") return at_once(service.priority(request));
    if (op == "limits") return at_once(service.limits(request));
    if (op == "faults") return service.faults(request, answer);
    if (op == "retry") return service.retry(request, answer);
    if (op == "schedules") return at_once(service.schedules());
    if (op == "schedule") return service.schedule(request, answer);
    if (op == "prune") return service.prune(request, answer);
    if (op == "send") return service.send(request, answer);
    if (op == "bus") return service.bus(request, answer);
    if (op == "lifecycle") return service.lifecycle(request, answer);
    if (op == "sinks") return at_once(service.sinks());
    if (op == "approvals") return at_once(service.approvals(request));
    if (op == "approval") return at_once(service.approval(request));
    if (op == "approve") return at_once(service.approve(request));
    if (op == "handover") {
      const bool willing = service.asked_for_handover && service.asked_for_handover();
      return at_once(Value::object({{"handover", Value::boolean(willing)}}));
    }
    if (op == "verify") return service.verify(answer);
    if (op == "backup") return service.back_up(request, answer);
    return make_error(ErrorCode::invalid_usage, "there is no op '" + op + "'");
  };
  auto opened = open();
  if (opened) return std::move(opened.value());
  answer(error_message(opened.error()), true);
  return std::make_unique<Answered>();
}

}  // namespace cairn
