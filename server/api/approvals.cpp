// Approvals: what is open, and answering by link, as a page for people or as JSON.

#include "server/api/api.h"
#include "server/api/approval_page.h"
#include "server/api/input.h"

#include <fmt/format.h>

#include <utility>

namespace cairn::server {
namespace {

Response html(unsigned status, std::string text) {
  Response response = text_response(status, "text/html; charset=utf-8", std::move(text));
  response.add(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
  return response;
}

/// The token is in the address: it goes to no cache and to no other site.
Response discreet(Response response) {
  response.add("Cache-Control", "no-store");
  response.add("Referrer-Policy", "same-origin");  // without one, a browser would not say where its form comes from
  return response;
}

bool wants_page(const Request& request) {
  return request.field("Accept").value_or("").find("text/html") != std::string_view::npos;
}

std::string_view title_of(unsigned status) {
  return status == 404 ? "There is no such request" : "This could not be answered";
}

Response failed(const Error& error, bool as_page) {
  Response response = problem(error);
  if (!as_page) return discreet(std::move(response));
  return discreet(html(response.status, notice_page(title_of(response.status), error.message)));
}

Value about(std::string_view op, const Request& request) {
  return Value::object(
      {{"op", Value::string(std::string(op))}, {"token", Value::string(std::string(request.parameter("token")))}});
}

void list_approvals(const Request& request, Reply reply, const Api& api) {
  if (auto checked = check_query(request, {"run", "assignee"}); !checked) return reply(problem(checked.error()));
  std::vector<Member> members{{"op", Value::string("approvals")}};
  for (const std::string_view name : {"run", "assignee"}) {
    if (const auto text = request.query_value(name)) {
      if (text->empty()) return reply(problem(400, fmt::format("The query parameter '{}' is empty.", name)));
      members.push_back({std::string(name), Value::string(std::string(*text))});
    }
  }
  api.door.ask(Value::object(std::move(members)), std::move(reply));
}

void show(const Request& request, Reply reply, const Api& api) {
  api.door.ask(about("approval", request), [reply = std::make_shared<Reply>(std::move(reply)),
                                            as_page = wants_page(request)](const Result<std::vector<Value>>& messages) {
    if (!messages) return (*reply)(failed(messages.error(), as_page));
    const Value approval = messages.value().back().get("approval");
    (*reply)(discreet(as_page ? html(200, approval_page(approval)) : json_response(200, approval)));
  });
}

/// {"approved": BOOLEAN, "answer": DATA, "by": TEXT}
Result<Value> json_answer(const Request& request) {
  CAIRN_TRY(const auto body, json_body(request));
  Value question = about("approve", request);
  const Value given = body.value_or(Value::object(std::vector<Member>{}));
  if (!given.is_object())
    return make_error(ErrorCode::invalid_usage, "the body is {\"approved\": BOOLEAN, \"answer\": DATA, \"by\": TEXT}");
  for (const auto& [name, value] : given.as_object()) {
    if (name != "approved" && name != "answer" && name != "by") {
      return make_error(ErrorCode::invalid_usage,
                        "the body is {\"approved\": BOOLEAN, \"answer\": DATA, \"by\": TEXT}");
    }
    question = question.with(name, value);
  }
  if (question.find("approved") == nullptr) {
    return make_error(ErrorCode::invalid_usage, "the answer does not say whether it is approved", {},
                      "Send {\"approved\": true} or {\"approved\": false}");
  }
  return question;
}

/// A form that was sent: what it says depends on the schema, so the approval is looked up first.
void answer_by_form(const Request& request, Reply reply, const Api& api) {
  auto sent = read_form(request.body);
  if (!sent) return reply(failed(sent.error(), true));
  const auto shared = std::make_shared<Reply>(std::move(reply));
  api.door.ask(
      about("approval", request), [shared, door = api.door, question = about("approve", request),
                                   sent = std::move(sent.value())](const Result<std::vector<Value>>& messages) {
        if (!messages) return (*shared)(failed(messages.error(), true));
        const Value approval = messages.value().back().get("approval");
        const auto answer = form_answer(approval, sent);
        if (!answer) return (*shared)(discreet(html(400, approval_page(approval, answer.error().message, sent))));
        const FormAnswer& given = answer.value();
        door.ask(question.with("approved", Value::boolean(given.approved))
                     .with("answer", given.answer)
                     .with("by", Value::string(given.by)),
                 [shared, approval, sent, approved = given.approved](const Result<std::vector<Value>>& answered) {
                   if (!answered) {
                     const Response refused = problem(answered.error());
                     return (*shared)(
                         discreet(html(refused.status, approval_page(approval, answered.error().message, sent))));
                   }
                   (*shared)(discreet(html(200, notice_page(approved ? "Approved" : "Rejected",
                                                            "Thank you. It is recorded, and the workflow goes on."))));
                 });
      });
}

void answer(const Request& request, Reply reply, const Api& api) {
  if (auto checked = check_query(request, {}); !checked) return reply(failed(checked.error(), wants_page(request)));
  if (media_type_of(request) == "application/x-www-form-urlencoded") {
    return answer_by_form(request, std::move(reply), api);
  }
  const auto question = json_answer(request);
  if (!question) return reply(failed(question.error(), false));
  api.door.ask(question.value(),
               [reply = std::make_shared<Reply>(std::move(reply))](const Result<std::vector<Value>>& messages) {
                 if (!messages) return (*reply)(failed(messages.error(), false));
                 (*reply)(discreet(json_response(200, messages.value().back().get("approval"))));
               });
}

}  // namespace

void add_approval_routes(Router& router, const Api& api) {
  const auto add = [&](std::string_view method, std::string_view pattern, auto handle) {
    router.add(method, pattern,
               [api, handle](const Request& request, Reply reply) { handle(request, std::move(reply), api); });
  };
  add("GET", "/v1/approvals", list_approvals);
  add("GET", "/approvals/{token}", show);
  add("POST", "/approvals/{token}", answer);
}

}  // namespace cairn::server
