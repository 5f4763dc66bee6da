#include "server/api/approval_page.h"

#include "workflows/value/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cairn::server {
namespace {

using testing::HasSubstr;
using testing::Not;

Value approval(const std::string& form, const std::string& state = "open") {
  return parse_json(R"({"title": "Pay <b>5</b>?", "text": "a & b", "assignee": null, "run": "r", "state": ")" + state +
                    R"(", "form": )" + form + "}")
      .value();
}

const std::string k_form = R"({"type": "object", "required": ["amount", "centre"], "properties": {
  "amount": {"type": "number", "title": "How much", "default": 5}, "pieces": {"type": "integer"},
  "centre": {"enum": ["4711", "4712", 7]}, "urgent": {"type": "boolean"}, "note": {"type": "string", "maxLength": 500},
  "mail": {"type": "string", "format": "email"}, "lines": {"type": "array"}}})";

Result<Value> answered(const std::string& form, const std::string& body) {
  CAIRN_TRY(const auto sent, read_form(body));
  CAIRN_TRY(auto answer, form_answer(approval(form), sent));
  return answer.answer;
}

TEST(ApprovalPage, ShowsWhatIsAskedAsTextAndNotAsMarkup) {
  const std::string page = approval_page(approval("null"));
  EXPECT_THAT(page, HasSubstr("<h1>Pay &lt;b&gt;5&lt;/b&gt;?</h1>"));
  EXPECT_THAT(page, HasSubstr("a &amp; b"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("name=\"by\""));
}

TEST(ApprovalPage, HasAControlForEachPropertyOfTheForm) {
  const std::string page = approval_page(approval(k_form));
  EXPECT_THAT(page, HasSubstr("How much"));
  EXPECT_THAT(page,
              HasSubstr(R"(<input type="number" step="any" id="form.amount" name="form.amount" required value="5">)"));
  EXPECT_THAT(page, HasSubstr(R"(type="number" step="1" id="form.pieces")"));
  EXPECT_THAT(page, HasSubstr(R"(<option value="7">7</option>)"));
  EXPECT_THAT(page, HasSubstr(R"(<input type="checkbox" id="form.urgent")"));
  EXPECT_THAT(page, HasSubstr(R"(<textarea id="form.note")"));
  EXPECT_THAT(page, HasSubstr(R"(<input type="email" id="form.mail")"));
}

TEST(ApprovalPage, OfWhatIsDecidedHasNoForm) {
  const std::string page = approval_page(approval(k_form, "approved"));
  EXPECT_THAT(page, Not(HasSubstr("<form")));
  EXPECT_THAT(page, HasSubstr("approved"));
}

TEST(ApprovalPage, FillsTheFormInAgain) {
  const std::string page =
      approval_page(approval(k_form), "amount: this is no number", {{"form.amount", "\"x"}, {"form.urgent", "true"}});
  EXPECT_THAT(page, HasSubstr("this is no number"));
  EXPECT_THAT(page, HasSubstr("value=\"&quot;x\""));
  EXPECT_THAT(page, HasSubstr("value=\"true\" checked"));
}

TEST(FormAnswer, HasTheTypesOfTheSchema) {
  const auto answer = answered(k_form,
                               "decision=approve&form.amount=5.50&form.pieces=3&form.centre=7&form.urgent=true&form."
                               "note=a+b%0Ac&form.mail=&form.lines=%5B1%5D");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer.value(),
            parse_json(R"({"amount": 5.50, "pieces": 3, "centre": 7, "urgent": true, "note": "a b\nc", "lines": [1]})")
                .value());
}

TEST(FormAnswer, WhatIsNoNumberOrNoJsonIsNamed) {
  EXPECT_THAT(answered(k_form, "decision=approve&form.amount=much").error().message, HasSubstr("How much"));
  EXPECT_THAT(answered(k_form, "decision=approve&form.lines=%5B").error().message, HasSubstr("lines"));
  EXPECT_FALSE(answered(k_form, "decision=perhaps"));
  EXPECT_FALSE(answered(k_form, "form.amount=1"));
  EXPECT_FALSE(read_form("a=%zz"));
  EXPECT_EQ(answered(k_form, "decision=reject&form.amount=much&form.note=no").value(),
            parse_json(R"({"urgent": false, "note": "no"})").value());
}

TEST(FormAnswer, OfASchemaWithoutPropertiesIsTheWholeAnswer) {
  EXPECT_EQ(answered(R"({"type": "integer"})", "decision=approve&form=12").value(), Value::integer(12));
  EXPECT_EQ(answered(R"({"type": "string"})", "decision=approve&form=12").value(), Value::string("12"));
}

}  // namespace
}  // namespace cairn::server
