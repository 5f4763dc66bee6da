// cairn approvals, cairn approve

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "engine/runtime/brief.h"
#include "workflows/core/limits.h"
#include "workflows/core/suggest.h"
#include "workflows/value/json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <optional>

namespace cairn {
namespace {

struct ListOptions {
  std::string which;
  std::string assignee;
  bool json = false;
};

/// A token is longer than a run's id, and no id has its letters.
bool looks_like_token(const std::string& text) {
  constexpr std::size_t k_longest_id = 36;
  return text.size() > k_longest_id;
}

std::string field(const Output& out, std::string_view name, const std::string& text) {
  constexpr std::size_t k_name_width = 10;
  return "  " + out.paint(Colour::bold, padded(name, k_name_width)) + "  " + text + "\n";
}

std::string joined(const Value& names) {
  std::string text;
  if (!names.is_array()) return text;
  for (const auto& name : names.as_array()) text += (text.empty() ? "" : ", ") + name.as_string();
  return text;
}

/// What is asked, by whom and until when: of an open one and of one that was.
std::string asked_text(const Output& out, const Value& approval) {
  const Value workflow = approval.get("workflow");
  std::string text = out.paint(Colour::bold, shown(text_in(approval, "title"))) + "\n";
  text += field(out, "run",
                text_in(approval, "run") + " of " + text_in(workflow, "namespace") + "/" + text_in(workflow, "name") +
                    ", " + text_in(approval, "task"));
  if (const std::string words = text_in(approval, "text"); !words.empty())
    text += field(out, "text", brief_text(words, 500));
  text += field(out, "since", text_in(approval, "requestedAt"));
  if (const std::string deadline = text_in(approval, "deadline"); !deadline.empty()) {
    text += field(out, "until", deadline + ", then: " + text_in(approval, "onDeadline"));
  }
  if (approval.get("suspended").truthy())
    text += field(out, "", "its run is suspended, and goes on after: cairn continue");
  return text;
}

Result<int> show_one(const ListOptions& options, const Settings& settings) {
  const Value request = Value::object({{"op", Value::string("approval")}, {"token", Value::string(options.which)}});
  CAIRN_TRY(const auto answer, ask(settings, Access::read, request));
  const Value approval = answer.get("approval");
  if (options.json) {
    print_json(approval);
    return k_exit_ok;
  }
  Output& out = standard_output();
  std::string text = asked_text(out, approval);
  text += field(out, "state", text_in(approval, "state"));
  if (const std::string names = joined(approval.get("assignees")); !names.empty()) text += field(out, "asked", names);
  if (const std::string whose = text_in(approval, "assignee"); !whose.empty())
    text += field(out, "token of", shown(whose));
  if (const std::string by = text_in(approval, "by"); !by.empty()) text += field(out, "by", shown(by));
  if (const std::string at = text_in(approval, "closedAt"); !at.empty()) text += field(out, "at", at);
  if (const Value* given = approval.find("answer"); given != nullptr && !given->is_null())
    text += field(out, "answer", to_json(*given));
  if (const Value form = approval.get("form"); !form.is_null()) text += field(out, "form", to_json(form));
  out.write(text);
  return k_exit_ok;
}

Result<int> list(const ListOptions& options, const Settings& settings) {
  if (looks_like_token(options.which)) return show_one(options, settings);
  const Value request = Value::object({{"op", Value::string("approvals")},
                                       {"run", Value::string(options.which)},
                                       {"assignee", Value::string(options.assignee)}});
  const auto answer = ask(settings, Access::read, request);
  // Where there is no data directory yet, nobody is asked.
  const bool nothing_yet = !answer && answer.error().code == ErrorCode::not_found && options.which.empty();
  if (!answer && !nothing_yet) return answer.error();
  const Value approvals = nothing_yet ? Value::array({}) : answer.value().get("approvals");
  if (options.json) {
    print_json(approvals);
    return k_exit_ok;
  }
  Output& out = standard_output();
  std::string text;
  for (const auto& approval : approvals.as_array()) {
    text += asked_text(out, approval);
    const Value links = approval.get("links");
    for (const auto& link : links.as_array()) {
      const std::string name = text_in(link, "assignee");
      text += field(out, name.empty() ? "anybody" : shown(name), "cairn approve " + text_in(link, "token"));
    }
  }
  out.write(text.empty() ? "nobody is asked for an approval\n" : text);
  return k_exit_ok;
}

struct ApproveOptions {
  std::string token;
  std::optional<std::string> input;
  std::string by;
  bool reject = false;
  bool json = false;
};

std::string login_name() {
  for (const char* variable : {"LOGNAME", "USER"}) {
    if (const char* name = std::getenv(variable); name != nullptr && *name != '\0') return name;
  }
  return {};
}

Result<int> approve(const ApproveOptions& options, const Settings& settings) {
  Value answer;
  if (options.input) {
    CAIRN_TRY(answer, parse_json_option(*options.input, "--input", limits::k_input_bytes));
  }
  const Value request = Value::object({{"op", Value::string("approve")},
                                       {"token", Value::string(options.token)},
                                       {"approved", Value::boolean(!options.reject)},
                                       {"answer", std::move(answer)},
                                       {"by", Value::string(options.by)},
                                       {"login", Value::string(login_name())}});
  CAIRN_TRY(const auto message, ask(settings, Access::write, request));
  const Value approval = message.get("approval");
  if (options.json) {
    print_json(approval);
  } else {
    const std::string by = text_in(approval, "by");
    standard_output().write(fmt::format("{} is {}{}\n", shown(text_in(approval, "title")), text_in(approval, "state"),
                                        by.empty() ? "" : " by " + shown(by)));
  }
  const std::string status = text_in(message, "runStatus");
  const bool ended = status == "completed" || status == "faulted" || status == "cancelled";
  if (!ended && !message.get("active").truthy()) {
    const std::string run = text_in(approval, "run");
    print_note("no process works on run " + run + "; go on with: cairn resume " + run);
  }
  return k_exit_ok;
}

}  // namespace

void add_approval_commands(CLI::App& app, CommandLine& line) {
  auto* open = app.add_subcommand("approvals", "What people are asked to approve, and the tokens to answer with");
  const auto listed = std::make_shared<ListOptions>();
  open->add_option("WHICH", listed->which,
                   "Only of a run (its id, the beginning of it, or last), or the one of a token")
      ->type_name("RUN|TOKEN");
  open->add_option("--assignee", listed->assignee, "Only what this person is asked")->type_name("NAME");
  open->add_flag("--json", listed->json, "As a JSON array; of a token, as an object");
  add_data_option(*open, line);
  add_example(*open, "cairn approvals --assignee alice");
  open->callback(
      [listed, &line] { line.action = [listed](const Settings& settings) { return list(*listed, settings); }; });

  auto* answer = app.add_subcommand("approve", "Answer what a run asks people: approve it, or reject it");
  const auto options = std::make_shared<ApproveOptions>();
  answer->add_option("TOKEN", options->token, "Who may answer: cairn approvals has it")->required();
  answer->add_option("--input", options->input, "What is filled in: JSON, @FILE, or - for standard input")
      ->type_name("JSON|@FILE|-");
  answer->add_option("--by", options->by, "Who answers, when the token does not say (default: the login name)")
      ->type_name("NAME");
  answer->add_flag("--reject", options->reject, "Reject it");
  answer->add_flag("--json", options->json, "As a JSON object");
  add_data_option(*answer, line);
  add_example(*answer, "cairn approve TOKEN --input '{\"amount\": 1000}'");
  answer->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return approve(*options, settings); }; });
}

}  // namespace cairn
