// cairn event send, cairn event list

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/cloud_events.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "cli/whole_number.h"
#include "engine/runtime/brief.h"
#include "workflows/cloudevents/formats.h"
#include "workflows/value/json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <optional>

namespace cairn {
namespace {

struct SendOptions {
  std::optional<std::string> event;
  std::optional<std::string> type;
  std::optional<std::string> source;
  std::optional<std::string> id;
  std::optional<std::string> subject;
  std::optional<std::string> data;
  bool json = false;

  [[nodiscard]] bool has_attributes() const { return type || source || id || subject || data; }
};

Result<std::vector<Value>> events_of(const SendOptions& options) {
  if (!options.has_attributes()) {
    if (options.event) return read_cloud_events(*options.event, "EVENT");
    return make_error(ErrorCode::invalid_usage, "no event is given", {},
                      "Give one as JSON, or say what it is with --type and --payload");
  }
  if (options.event) {
    return make_error(ErrorCode::invalid_usage, "an event is given as JSON and by options, and only one can be", {},
                      "Write everything into the JSON, or leave it out");
  }
  if (!options.type) {
    return make_error(ErrorCode::invalid_usage, "an event needs a type", "--type",
                      "Say for example --type order.placed");
  }
  std::vector<Member> members;
  const auto add = [&](std::string_view name, const std::optional<std::string>& text) {
    if (text) members.push_back({std::string(name), Value::string(*text)});
  };
  add("type", options.type);
  add("source", options.source);
  add("id", options.id);
  add("subject", options.subject);
  if (options.data) {
    CAIRN_TRY(auto data, parse_json_option(*options.data, "--payload", k_cloud_event_bytes));
    members.push_back({"datacontenttype", Value::string("application/json")});
    members.push_back({"data", std::move(data)});
  }
  CAIRN_TRY(auto event, checked_cloud_event(completed_cloud_event(Value::object(std::move(members))), "event"));
  return std::vector<Value>{std::move(event)};
}

Result<int> send(const SendOptions& options, const Settings& settings) {
  CAIRN_TRY(auto events, events_of(options));
  const Value request =
      Value::object({{"op", Value::string("send")}, {"events", Value::array(Array(events.begin(), events.end()))}});
  CAIRN_TRY(const auto answer, ask(settings, Access::create, request));
  const Value places = answer.get("events");
  if (options.json) {
    print_json(places);
    return k_exit_ok;
  }
  for (const auto& place : places.as_array()) {
    if (place.get("existing").truthy()) continue;
    standard_output().write(
        fmt::format("{} published as event {}\n", text_in(place, "id"), count_in(place, "position")));
  }
  print_repeated(places);
  return k_exit_ok;
}

struct ListOptions {
  std::string type;
  std::string source;
  std::uint64_t after = 0;
  std::optional<std::uint64_t> limit;
  bool follow = false;
  bool json = false;
};

std::string line_of(const Output& out, const Value& published) {
  const Value event = published.get("event");
  std::string line = fmt::format("{:>7}  ", count_in(published, "position"));
  line += out.paint(Colour::dim, text_in(published, "time")) + "  " + out.paint(Colour::cyan, text_in(event, "type"));
  line += "  " + text_in(event, "source") + "  " + text_in(event, "id");
  if (const Value* data = event.find("data")) line += "  " + brief_json(*data);
  return line + "\n";
}

Result<int> list(const ListOptions& options, const Settings& settings) {
  std::uint64_t last = options.after;
  std::optional<std::uint64_t> left = options.limit;
  const auto request = [&] {
    return Value::object({{"op", Value::string("bus")},
                          {"after", Value::unsigned_integer(last)},
                          {"type", Value::string(options.type)},
                          {"source", Value::string(options.source)},
                          {"limit", left ? Value::unsigned_integer(*left) : Value{}},
                          {"follow", Value::boolean(options.follow)}});
  };
  Output& out = standard_output();
  const auto print = [&](const Value& message) {
    const Value* published = message.find("published");
    if (published == nullptr || count_in(*published, "position") <= last) return;
    last = count_in(*published, "position");
    if (left) --*left;
    out.write(options.json ? to_json(*published) + "\n" : line_of(out, *published));
  };
  if (!options.follow) {
    CAIRN_TRY(const auto end, ask_all(settings, Access::read, request(), print));
    return end == CallEnd::interrupted ? k_exit_interrupted : k_exit_ok;
  }
  // Without anybody to follow we become the owner, so that whoever publishes comes to us.
  CAIRN_TRY(const auto session, Session::open(settings, Access::own));
  while (true) {
    CAIRN_TRY(const auto end, session->call(request(), [&](const Value& message) {
      print(message);
      if (!out.status()) session->interrupt();  // who reads no more wants no more
    }));
    if (!out.status()) return k_exit_failed;
    if (end == CallEnd::interrupted) return k_exit_interrupted;
    if (end == CallEnd::answered) break;
    CAIRN_TRY(session->reopen());
  }
  return session->stay() == CallEnd::interrupted ? k_exit_interrupted : k_exit_ok;
}

void add_send_command(CLI::App& group, CommandLine& line) {
  auto* command = group.add_subcommand("send", "Publish CloudEvents: to runs that listen, and to those that will");
  const auto options = std::make_shared<SendOptions>();
  command->add_option("EVENT", options->event, "An event or an array of events: JSON, @FILE, or - for standard input")
      ->type_name("JSON|@FILE|-");
  command->add_option("--type", options->type, "Instead of EVENT: its type")->type_name("TYPE");
  command->add_option("--payload", options->data, "Its data: JSON, @FILE, or - for standard input")
      ->type_name("JSON|@FILE|-");
  command->add_option("--subject", options->subject, "Its subject")->type_name("TEXT");
  command->add_option("--source", options->source, "Where it comes from (default: urn:cairn:cli)")->type_name("URI");
  command->add_option("--id", options->id, "Its id: the same source and id are published once (default: a new one)")
      ->type_name("ID");
  command->add_flag("--json", options->json, "As a JSON array of {position, existing, source, id}");
  add_data_option(*command, line);
  add_example(*command, "cairn event send --type order.paid --payload '{\"order\": 1007}'");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return send(*options, settings); }; });
}

void add_list_command(CLI::App& group, CommandLine& line) {
  auto* command = group.add_subcommand("list", "Published events: position, time, type, source, id and data of each");
  const auto options = std::make_shared<ListOptions>();
  command->add_option("--type", options->type, "Only those of this type")->type_name("TYPE");
  command->add_option("--source", options->source, "Only those from this source")->type_name("URI");
  command->add_option("--after", options->after, "Only those behind this position")
      ->type_name("N")
      ->check(whole_number());
  command->add_option("--limit", options->limit, "At most so many")->type_name("N")->check(whole_number());
  command->add_flag("--follow,-f", options->follow, "Wait for more");
  command->add_flag("--json", options->json, "One JSON object a line: {position, time, event, run}");
  add_data_option(*command, line);
  add_example(*command, "cairn event list --type order.paid --follow");
  command->callback(
      [options, &line] { line.action = [options](const Settings& settings) { return list(*options, settings); }; });
}

}  // namespace

void add_event_commands(CLI::App& app, CommandLine& line) {
  auto* group = app.add_subcommand("event", "Publish events, and list what was published");
  group->require_subcommand(1);
  add_send_command(*group, line);
  add_list_command(*group, line);
  add_example(*group, "cairn event send --type order.paid");
}

}  // namespace cairn
