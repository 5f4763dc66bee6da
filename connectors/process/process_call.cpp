#include "connectors/process/process_call.h"

#include "connectors/http/pending_effect.h"
#include "workflows/core/limits.h"
#include "workflows/value/json.h"

#include <boost/asio/any_io_executor.hpp>
#include <fmt/format.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

namespace cairn {

namespace {

std::string text_of(const Value& value) { return value.is_string() ? value.as_string() : to_json(value); }

const char* environment_variable(const char* name) {
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody here changes the environment while threads run
}

OrProblem<std::string> text_without_nul(const Value& value, std::string_view what) {
  std::string text = text_of(value);
  if (text.find('\0') != std::string::npos) return invalid_argument(fmt::format("{} holds a NUL character", what));
  return text;
}

OrProblem<std::vector<std::string>> read_arguments(const Value& arguments) {
  std::vector<std::string> list;
  if (arguments.is_null()) return list;
  if (!arguments.is_array()) {
    return invalid_argument(
        "'arguments' is a list, which the program gets as its argv; pass named values in 'environment' "
        "or as JSON on 'stdin'");
  }
  for (const Value& item : arguments.as_array()) {
    CONNECTOR_TRY(auto text, text_without_nul(item, "an argument"));
    list.push_back(std::move(text));
  }
  return list;
}

OrProblem<std::vector<std::string>> read_environment(const Value& environment, const EffectRequest& request) {
  static constexpr std::array k_inherited = {"PATH", "HOME", "LANG", "TMPDIR"};
  static constexpr const char* k_usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  std::vector<std::pair<std::string, std::string>> variables;
  const auto set = [&variables](const std::string& name, std::string value) {
    for (auto& [known, text] : variables) {
      if (known == name) {
        text = std::move(value);
        return;
      }
    }
    variables.emplace_back(name, std::move(value));
  };
  for (const char* name : k_inherited) {
    if (const char* value = environment_variable(name)) set(name, value);
  }
  if (environment_variable("PATH") == nullptr) set("PATH", k_usual_path);
  if (!environment.is_null() && !environment.is_object()) {
    return invalid_argument("'environment' is a map of names to values");
  }
  if (environment.is_object()) {
    for (const auto& [name, value] : environment.as_object()) {
      if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos) {
        return invalid_argument("the environment variable " + quote_json(name) + " has no usable name");
      }
      if (value.is_null()) continue;
      CONNECTOR_TRY(auto text, text_without_nul(value, "the environment variable " + name));
      set(name, std::move(text));
    }
  }
  set("CAIRN_RUN_ID", request.run_id);
  set("CAIRN_IDEMPOTENCY_KEY", request.idempotency_key);
  std::vector<std::string> list;
  list.reserve(variables.size());
  for (const auto& [name, value] : variables) list.push_back(fmt::format("{}={}", name, value));
  return list;
}

OrProblem<ProcessReturn> read_return(const Value& returns) {
  if (returns.is_null()) return ProcessReturn::out;
  if (returns.is_string()) {
    const std::string& name = returns.as_string();
    if (name == "stdout") return ProcessReturn::out;
    if (name == "stderr") return ProcessReturn::error;
    if (name == "code") return ProcessReturn::code;
    if (name == "all") return ProcessReturn::all;
    if (name == "none") return ProcessReturn::none;
  }
  return invalid_argument("'return' is one of stdout, stderr, code, all, none");
}

OutputBuffer::Keep keep(bool wanted) { return wanted ? OutputBuffer::Keep::all : OutputBuffer::Keep::tail; }

Problem runtime_problem(std::string title, std::string detail) {
  return make_problem(StandardError::runtime, std::move(title), std::move(detail));
}

std::string signal_name(int signal) {
  const char* name = sigdescr_np(signal);
  return name == nullptr ? "real-time" : name;
}

std::string_view trimmed_end(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

OrProblem<ProcessCall> read_process_call(const EffectRequest& request) {
  const Value& arguments = request.arguments;
  ProcessCall call;
  const Value input = arguments.get("stdin");
  if (!input.is_null()) call.input = text_of(input);
  CONNECTOR_TRY(call.arguments, read_arguments(arguments.get("arguments")));
  CONNECTOR_TRY(call.environment, read_environment(arguments.get("environment"), request));
  CONNECTOR_TRY(call.returns, read_return(arguments.get("return")));
  return call;
}

void run_process(const boost::asio::any_io_executor& executor, const std::shared_ptr<OngoingEffect>& effect,
                 const ProcessCall& call, std::string program, std::vector<std::string> arguments,
                 const std::string& label, std::shared_ptr<void> keep_alive) {
  SpawnRequest request;
  request.program = std::move(program);
  request.arguments = std::move(arguments);
  request.environment = call.environment;
  request.with_stdin = call.input.has_value();
  ProcessOptions options;
  options.input = call.input;
  options.output = keep(call.returns == ProcessReturn::out || call.returns == ProcessReturn::all);
  options.error = keep(call.returns == ProcessReturn::error || call.returns == ProcessReturn::all);
  options.max_output_bytes = limits::k_effect_result_bytes;
  options.keep_alive = std::move(keep_alive);
  ProcessCallbacks callbacks;
  callbacks.progress = [effect](std::string_view stream, std::string_view text) { effect->progress(stream, text); };
  callbacks.ended = [effect, returns = call.returns, label](const ProcessEnd& end) {
    effect->finish(outcome_of(end, returns, label));
  };
  auto process = start_process(executor, request, std::move(options), std::move(callbacks));
  if (process) {
    effect->set_work(std::move(process).value());
  } else {
    OngoingEffect::finish_later(executor, effect,
                                runtime_problem("Process not started", label + ": " + process.error().to_string()));
  }
}

EffectOutcome outcome_of(const ProcessEnd& end, ProcessReturn returns, const std::string& label) {
  if (end.exec_error != 0) {
    return runtime_problem("Process not started",
                           fmt::format("{}: {}", label, std::generic_category().message(end.exec_error)));
  }
  if (end.too_large) {
    return runtime_problem("Output too large", fmt::format("{} wrote more than {} bytes and was stopped", label,
                                                           limits::k_effect_result_bytes));
  }
  const bool code_is_output = returns == ProcessReturn::code || returns == ProcessReturn::all;
  if (end.code != 0 && !code_is_output) {
    std::string detail = fmt::format("{} ended with exit code {}", label, end.code);
    if (end.signal != 0)
      detail = fmt::format("{} was ended by signal {} ({})", label, end.signal, signal_name(end.signal));
    const std::string tail = end.error.tail();
    if (const auto last = trimmed_end(tail); !last.empty()) detail += ": " + std::string(last);
    return runtime_problem("Process failed", std::move(detail));
  }
  switch (returns) {
    case ProcessReturn::out: return Value::string(end.output.text());
    case ProcessReturn::error: return Value::string(end.error.text());
    case ProcessReturn::code: return Value::integer(end.code);
    case ProcessReturn::all:
      return Value::object({{"code", Value::integer(end.code)},
                            {"stdout", Value::string(end.output.text())},
                            {"stderr", Value::string(end.error.text())}});
    case ProcessReturn::none: break;
  }
  return Value::null();
}

void ignore_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace cairn
