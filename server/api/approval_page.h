#pragma once
// The page on which somebody answers an approval: a form made from its JSON Schema, that needs no script. Pure.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::server {

/// Fields of an HTML form as they are sent, in their order.
using FormFields = std::vector<std::pair<std::string, std::string>>;

/// A body of application/x-www-form-urlencoded. invalid_input: it is none, or not UTF-8.
Result<FormFields> read_form(std::string_view body);

/// `approval`: APPROVAL of the service. `trouble`: why what was sent was not taken, shown above the form; `sent` fills the
/// form in again.
std::string approval_page(const Value& approval, std::string_view trouble = {}, const FormFields& sent = {});

/// A page that only says something.
std::string notice_page(std::string_view title, std::string_view text);

struct FormAnswer {
  bool approved = false;
  Value answer;    ///< null: the approval has no form, or it was rejected with nothing filled in
  std::string by;  ///< empty: not said
};
/// What was filled in, as the form's schema types it; whether it matches the schema is for the service to say. invalid_input names the
/// field that cannot be read ("amount: …").
Result<FormAnswer> form_answer(const Value& approval, const FormFields& sent);

}  // namespace cairn::server
