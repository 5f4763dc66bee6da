// Calls that are checked in full and not run yet: grpc, asyncapi, a2a, mcp.

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn {

namespace {

bool is_host(std::string_view text) {
  const auto edge = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 63 && edge(text.front()) && edge(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return edge(c) || c == '-' || c == '.'; });
}

}  // namespace

void Compiler::grpc_arguments(const Place& place, const View& view) {
  Fields fields(findings_, place, "the arguments of call: grpc");
  if (const auto proto = fields.require("proto")) resource(*proto, view);
  if (const auto service = fields.require("service")) {
    Fields members(findings_, *service, "'service'");
    if (const auto name = members.require("name"); name && read_string(findings_, *name))
      free_string(*name, view, Dialect::text, false);
    if (const auto host = members.require("host"); host && read_string(findings_, *host)) {
      const Draft draft = free_string(*host, view, Dialect::text, false);
      if (std::holds_alternative<Value>(draft.form) && !is_host(host->value().as_string())) {
        findings_.error(*host, fmt::format("'{}' is not a host's name", shown(host->value().as_string())));
      }
    }
    if (const auto port = members.take("port")) {
      const auto number = read_integer(findings_, *port);
      if (number && (*number < 0 || *number > 65'535)) findings_.error(*port, "a port is between 0 and 65535");
    }
    if (const auto policy = members.take("authentication")) authentication(*policy, view);
    members.done();
  }
  if (const auto method = fields.require("method"); method && read_string(findings_, *method)) {
    free_string(*method, view, Dialect::text, false);
  }
  if (const auto arguments = fields.take("arguments"); arguments && is_object(findings_, *arguments))
    free_value(*arguments, view);
  fields.done();
}

void Compiler::asyncapi_arguments(const Place& place, const TaskContext& context) {
  const View view = context.view().with_secrets();
  Fields fields(findings_, place, "the arguments of call: asyncapi");
  if (const auto document = fields.require("document")) resource(*document, view);
  const std::string_view target = fields.exactly_one({"operation", "channel"});
  if (!target.empty()) {
    if (const Place name = *fields.take(target); read_string(findings_, name))
      free_string(name, view, Dialect::text, false);
  }
  if (const auto server = fields.take("server")) {
    Fields members(findings_, *server, "'server'");
    if (const auto name = members.require("name"); name && read_string(findings_, *name))
      free_string(*name, view, Dialect::text, false);
    if (const auto variables = members.take("variables"); variables && is_object(findings_, *variables))
      free_value(*variables, view);
    members.done();
  }
  if (const auto protocol = fields.take("protocol")) {
    read_choice(findings_, *protocol,
                {"amqp", "amqp1", "anypointmq", "googlepubsub", "http", "ibmmq", "jms", "kafka", "mercure", "mqtt",
                 "mqtt5", "nats", "pulsar", "redis", "sns", "solace", "sqs", "stomp", "ws"});
  }
  const std::string_view way = fields.exactly_one({"message", "subscription"});
  if (way == "message") {
    const Place message = *fields.take("message");
    Fields members(findings_, message, "'message'");
    for (const std::string_view key : {"payload", "headers"}) {
      if (const auto part = members.take(key); part && is_object(findings_, *part)) free_value(*part, view);
    }
    members.done();
  } else if (way == "subscription") {
    asyncapi_subscription(*fields.take("subscription"), context);
  }
  if (const auto policy = fields.take("authentication")) authentication(*policy, view);
  fields.done();
}

void Compiler::asyncapi_subscription(const Place& place, const TaskContext& context) {
  const View view = context.view();
  Fields fields(findings_, place, "'subscription'");
  if (const auto filter = fields.take("filter")) condition(*filter, view);
  if (const auto consume = fields.require("consume")) {
    Fields members(findings_, *consume, "'consume'");
    const std::string_view until_when = members.exactly_one({"amount", "while", "until"});
    if (until_when == "amount") {
      const Place amount = *members.take("amount");
      const auto count = read_integer(findings_, amount);
      if (count && *count < 0) findings_.error(amount, "the amount cannot be negative");
    } else if (!until_when.empty()) {
      condition(*members.take(until_when), view);
    }
    if (const auto longest = members.take("for")) duration(*longest, view);
    members.done();
  }
  if (const auto foreach = fields.take("foreach")) subscription_iterator(*foreach, context);
  fields.done();
}

void Compiler::a2a_arguments(const Place& place, const View& view) {
  Fields fields(findings_, place, "the arguments of call: a2a");
  if (const auto method = fields.require("method")) {
    read_choice(
        findings_, *method,
        {"message/send", "message/stream", "tasks/get", "tasks/list", "tasks/cancel", "tasks/resubscribe",
         "tasks/pushNotificationConfig/set", "tasks/pushNotificationConfig/get", "tasks/pushNotificationConfig/list",
         "tasks/pushNotificationConfig/delete", "agent/getAuthenticatedExtendedCard"});
  }
  const auto card = fields.take("agentCard");
  const auto server = fields.take("server");
  if (card) resource(*card, view);
  if (server) endpoint(*server, view);
  if (!card && !server && fields.is_mapping()) findings_.error_at_key(place, "call: a2a needs 'agentCard' or 'server'");
  if (const auto parameters = fields.take("parameters")) {
    if (parameters->value().is_string()) {
      free_string(*parameters, view);
    } else if (is_object(findings_, *parameters, "an object or ${ expression }")) {
      if (parameters->node->members.empty())
        findings_.error(*parameters, "'parameters' cannot be empty", "leave it out");
      free_value(*parameters, view);
    }
  }
  fields.done();
}

void Compiler::mcp_arguments(const Place& place, const View& view) {
  Fields fields(findings_, place, "the arguments of call: mcp");
  if (const auto version = fields.take("protocolVersion")) read_string(findings_, *version);
  if (const auto method = fields.require("method")) {
    read_choice(findings_, *method,
                {"tools/list", "tools/call", "prompts/list", "prompts/get", "resources/list", "resources/read",
                 "resources/templates/list"});
  }
  if (const auto parameters = fields.take("parameters")) {
    if (parameters->value().is_string()) {
      free_string(*parameters, view);
    } else if (is_object(findings_, *parameters, "an object or ${ expression }")) {
      free_value(*parameters, view);
    }
  }
  if (const auto longest = fields.take("timeout")) duration(*longest, view);
  if (const auto transport = fields.require("transport")) {
    Fields ways(findings_, *transport, "'transport'");
    const std::string_view way = ways.exactly_one({"http", "stdio"});
    if (way == "http") {
      const Place http = *ways.take("http");
      Fields members(findings_, http, "'http'");
      if (const auto address = members.require("endpoint")) endpoint(*address, view);
      named_values(members.take("headers"), view, "headers");
      members.done();
    } else if (way == "stdio") {
      const Place stdio = *ways.take("stdio");
      Fields members(findings_, stdio, "'stdio'");
      if (const auto command = members.require("command"); command && read_string(findings_, *command)) {
        free_string(*command, view, Dialect::text, false);
      }
      std::vector<std::pair<std::string, Draft>> ignored;
      process_members(members, view, {}, ignored);
      members.done();
    }
    named_values(ways.take("options"), view, "options");
    ways.done();
  }
  if (const auto client = fields.take("client")) {
    Fields members(findings_, *client, "'client'");
    for (const std::string_view key : {"name", "version"}) {
      if (const auto found = members.require(key)) read_string(findings_, *found);
    }
    members.done();
  }
  fields.done();
}

}  // namespace cairn
