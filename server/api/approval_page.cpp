#include "server/api/approval_page.h"

#include "server/http/message.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace cairn::server {
namespace {

/// Prefix of what the schema names; `decision` and `by` are the page's own.
constexpr std::string_view k_field = "form.";
/// Of a schema that is no object with properties: the whole answer.
constexpr std::string_view k_whole = "form";
constexpr std::int64_t k_long_text = 120;

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string text_of(const Value& value) { return value.is_string() ? value.as_string() : std::string(); }

/// As it stands in a field.
std::string shown(const Value& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.as_string() : to_json(value);
}

std::optional<std::string_view> find(const FormFields& fields, std::string_view name) {
  const auto it = std::ranges::find(fields, name, [](const auto& field) { return std::string_view(field.first); });
  if (it == fields.end()) return std::nullopt;
  return it->second;
}

enum class Kind : std::uint8_t { text, long_text, number, integer, choice, yes_no, json };

Kind kind_of(const Value& schema) {
  if (schema.get("enum").is_array()) return Kind::choice;
  const std::string type = text_of(schema.get("type"));
  if (type == "boolean") return Kind::yes_no;
  if (type == "number") return Kind::number;
  if (type == "integer") return Kind::integer;
  if (type != "string") return Kind::json;
  const Value longest = schema.get("maxLength");
  return longest.kind() == Value::Kind::Int && longest.as_int() > k_long_text ? Kind::long_text : Kind::text;
}

/// The `type` of an input for a string of this format.
std::string_view input_type(const Value& schema) {
  const std::string format = text_of(schema.get("format"));
  if (format == "email") return "email";
  if (format == "date") return "date";
  if (format == "time") return "time";
  if (format == "uri") return "url";
  return "text";
}

bool is_required(const Value& form, std::string_view name) {
  const Value required = form.get("required");
  return required.is_array() && std::ranges::any_of(required.as_array(), [name](const Value& one) {
           return one.is_string() && one.as_string() == name;
         });
}

/// What one field of the form is about.
struct Field {
  std::string name;  ///< as it is sent
  std::string label;
  Value schema;
  bool required = false;
};

std::vector<Field> fields_of(const Value& form) {
  if (form.is_null()) return {};
  const Value properties = form.get("properties");
  if (!properties.is_object()) {
    const std::string title = text_of(form.get("title"));
    return {{std::string(k_whole), title.empty() ? "Answer" : title, form, true}};
  }
  std::vector<Field> fields;
  for (const auto& [name, schema] : properties.as_object()) {
    const std::string title = text_of(schema.get("title"));
    fields.push_back({std::string(k_field) + name, title.empty() ? name : title, schema, is_required(form, name)});
  }
  return fields;
}

std::string control(const Field& field, const FormFields& sent) {
  const auto given = find(sent, field.name);
  const std::string value = given ? std::string(*given) : shown(field.schema.get("default"));
  const std::string name =
      fmt::format("id=\"{0}\" name=\"{0}\"{1}", escaped(field.name), field.required ? " required" : "");
  switch (kind_of(field.schema)) {
    case Kind::choice: {
      std::string options = field.required ? "" : "<option value=\"\"></option>";
      for (const auto& choice : field.schema.get("enum").as_array()) {
        const std::string text = shown(choice);
        options +=
            fmt::format("<option value=\"{0}\"{1}>{0}</option>", escaped(text), text == value ? " selected" : "");
      }
      return fmt::format("<select {}>{}</select>", name, options);
    }
    case Kind::yes_no:
      return fmt::format("<input type=\"checkbox\" id=\"{0}\" name=\"{0}\" value=\"true\"{1}>", escaped(field.name),
                         value == "true" ? " checked" : "");
    case Kind::number: return fmt::format("<input type=\"number\" step=\"any\" {} value=\"{}\">", name, escaped(value));
    case Kind::integer: return fmt::format("<input type=\"number\" step=\"1\" {} value=\"{}\">", name, escaped(value));
    case Kind::long_text: return fmt::format("<textarea {} rows=\"5\">{}</textarea>", name, escaped(value));
    case Kind::json:
      return fmt::format("<textarea {} rows=\"5\" spellcheck=\"false\" placeholder=\"JSON\">{}</textarea>", name,
                         escaped(value));
    case Kind::text: break;
  }
  return fmt::format("<input type=\"{}\" {} value=\"{}\">", input_type(field.schema), name, escaped(value));
}

constexpr std::string_view k_style = R"css(
:root{color-scheme:light dark;--line:#8886;--accent:#1f6f54}
body{font:16px/1.5 system-ui,sans-serif;max-width:38rem;margin:3rem auto;padding:0 1.25rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}
.text{white-space:pre-wrap;margin:0 0 1.5rem}
label{display:block;font-weight:600;margin:1.1rem 0 .25rem}
.hint{font-size:.875rem;opacity:.75;margin:.2rem 0 0}
input:not([type=checkbox]),select,textarea{width:100%;box-sizing:border-box;font:inherit;padding:.5rem .6rem;border:1px solid var(--line);border-radius:6px;background:transparent;color:inherit}
input[type=checkbox]{width:1.2rem;height:1.2rem}
.buttons{display:flex;gap:.75rem;margin-top:1.75rem}
button{font:inherit;font-weight:600;padding:.55rem 1.3rem;border-radius:6px;border:1px solid var(--line);background:transparent;color:inherit;cursor:pointer}
button.yes{background:var(--accent);border-color:var(--accent);color:#fff}
.trouble{border-left:4px solid #c0392b;padding:.5rem .8rem;margin:0 0 1.25rem;background:#c0392b18}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;font-size:.875rem;opacity:.8;margin:2rem 0 0;padding-top:1rem;border-top:1px solid var(--line)}
dd{margin:0}
)css";

std::string page(std::string_view title, std::string_view body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, "
      "initial-scale=1\"><title>{}</title><style>{}</style></head>\n<body>\n{}</body></html>\n",
      escaped(title), k_style, body);
}

std::string facts(const Value& approval) {
  std::string out = "<dl>";
  const auto fact = [&out](std::string_view name, const std::string& text) {
    if (!text.empty()) out += fmt::format("<dt>{}</dt><dd>{}</dd>", name, escaped(text));
  };
  const Value workflow = approval.get("workflow");
  fact("Workflow", workflow.is_object() ? text_of(workflow.get("namespace")) + "/" + text_of(workflow.get("name")) +
                                              " " + text_of(workflow.get("version"))
                                        : "");
  fact("Run", text_of(approval.get("run")));
  fact("Asked", text_of(approval.get("requestedAt")));
  fact("Until", text_of(approval.get("deadline")));
  fact("You are", text_of(approval.get("assignee")));
  fact("Closed", text_of(approval.get("closedAt")));
  fact("By", text_of(approval.get("by")));
  return out + "</dl>\n";
}

std::string heading(const Value& approval) {
  std::string out = fmt::format("<h1>{}</h1>\n", escaped(text_of(approval.get("title"))));
  const std::string text = text_of(approval.get("text"));
  if (!text.empty()) out += fmt::format("<p class=\"text\">{}</p>\n", escaped(text));
  return out;
}

/// One field as its schema types it; nothing: it was left empty.
Result<std::optional<Value>> read_field(const Field& field, const FormFields& sent) {
  const auto given = find(sent, field.name);
  const Kind kind = kind_of(field.schema);
  if (kind == Kind::yes_no) return std::optional<Value>(Value::boolean(given == "true"));
  if (!given || given->empty()) return std::optional<Value>();
  if (kind == Kind::text || kind == Kind::long_text) return std::optional<Value>(Value::string(std::string(*given)));
  if (kind == Kind::choice) {
    for (const auto& choice : field.schema.get("enum").as_array()) {
      if (shown(choice) == *given) return std::optional<Value>(choice);
    }
    return std::optional<Value>(Value::string(std::string(*given)));  // the service says that it is none of them
  }
  auto value = parse_json(*given);
  if (!value || (kind != Kind::json && !value.value().is_number())) {
    return make_error(ErrorCode::invalid_input,
                      fmt::format("{}: {}", field.label, kind == Kind::json ? "this is no JSON" : "this is no number"));
  }
  return std::optional<Value>(std::move(value.value()));
}

}  // namespace

Result<FormFields> read_form(std::string_view body) {
  Request reader;
  reader.target = "/?" + std::string(body);
  if (!read_target(reader)) return make_error(ErrorCode::invalid_input, "the body is no HTML form");
  return std::move(reader.query);
}

std::string approval_page(const Value& approval, std::string_view trouble, const FormFields& sent) {
  std::string body = heading(approval);
  const std::string state = text_of(approval.get("state"));
  if (!trouble.empty()) body += fmt::format("<p class=\"trouble\" role=\"alert\">{}</p>\n", escaped(trouble));
  if (state != "open") {
    body += fmt::format("<p>This has been decided: <strong>{}</strong>.</p>\n", escaped(state));
    return page(text_of(approval.get("title")), body + facts(approval));
  }
  body += "<form method=\"post\">\n";
  for (const auto& field : fields_of(approval.get("form"))) {
    body += fmt::format("<label for=\"{}\">{}</label>{}\n", escaped(field.name), escaped(field.label),
                        control(field, sent));
    const std::string hint = text_of(field.schema.get("description"));
    if (!hint.empty()) body += fmt::format("<p class=\"hint\">{}</p>\n", escaped(hint));
  }
  if (approval.get("assignee").is_null()) {
    body += fmt::format(
        "<label for=\"by\">Your name</label><input type=\"text\" id=\"by\" name=\"by\" autocomplete=\"name\" "
        "value=\"{}\">\n",
        escaped(find(sent, "by").value_or("")));
  }
  body +=
      "<div class=\"buttons\"><button class=\"yes\" name=\"decision\" value=\"approve\">Approve</button>"
      "<button name=\"decision\" value=\"reject\" formnovalidate>Reject</button></div>\n</form>\n";
  return page(text_of(approval.get("title")), body + facts(approval));
}

std::string notice_page(std::string_view title, std::string_view text) {
  return page(title, fmt::format("<h1>{}</h1>\n<p class=\"text\">{}</p>\n", escaped(title), escaped(text)));
}

Result<FormAnswer> form_answer(const Value& approval, const FormFields& sent) {
  FormAnswer answer;
  const auto decision = find(sent, "decision");
  if (decision != "approve" && decision != "reject") {
    return make_error(ErrorCode::invalid_input, "the form says neither approve nor reject");
  }
  answer.approved = decision == "approve";
  answer.by = std::string(find(sent, "by").value_or(""));
  const Value form = approval.get("form");
  if (form.is_null()) return answer;
  const auto fields = fields_of(form);
  std::vector<Member> members;
  for (const auto& field : fields) {
    auto read = read_field(field, sent);
    if (!read && answer.approved) return std::move(read).error();
    if (!read || !read.value()) continue;  // what a rejection fills in need not make sense
    auto& value = read.value();
    if (field.name == k_whole) {
      answer.answer = std::move(*value);
      return answer;
    }
    members.push_back({field.name.substr(k_field.size()), std::move(*value)});
  }
  if (answer.approved || !members.empty()) answer.answer = Value::object(std::move(members));
  return answer;
}

}  // namespace cairn::server
