#include "server/http/message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cairn::server {
namespace {

Result<Request> read(std::string target) {
  Request request;
  request.target = std::move(target);
  CAIRN_TRY(read_target(request));
  return request;
}

TEST(Target, IsSplitAtSlashesAndThenDecoded) {
  const auto request = read("/v1/runs/a%2Fb%20c/");
  ASSERT_TRUE(request);
  EXPECT_EQ(request.value().path, (std::vector<std::string>{"v1", "runs", "a/b c", ""}));
}

TEST(Target, QueryIsDecodedAsFormsWriteIt) {
  const auto request = read("/v1/runs?status=faulted&text=a+b%26c&flag&&x=1=2");
  ASSERT_TRUE(request);
  EXPECT_EQ(request.value().query_value("status"), "faulted");
  EXPECT_EQ(request.value().query_value("text"), "a b&c");
  EXPECT_EQ(request.value().query_value("flag"), "");
  EXPECT_EQ(request.value().query_value("x"), "1=2");
  EXPECT_EQ(request.value().query_value("nothing"), std::nullopt);
}

TEST(Target, RefusesWhatCannotBeDecoded) {
  for (const std::string target : {"v1", "*", "http://host/v1", "/a%", "/a%2", "/a%zz", "/a%00", "/%ff", "/a?b=%8"}) {
    EXPECT_FALSE(read(target)) << target;
  }
}

TEST(Fields, CompareWithoutCase) {
  Request request;
  request.fields = {{"IDEMPOTENCY-key", "1"}, {"idempotency-key", "2"}};
  EXPECT_EQ(request.field("Idempotency-Key"), "1");
  EXPECT_EQ(request.field("Idempotency"), std::nullopt);
}

TEST(Problem, SaysWhatWhereAndWhatToDo) {
  const Response response =
      problem(make_error(ErrorCode::not_found, "there is no run 'x'", "somewhere", "List the runs"));
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(response.fields.front().value, "application/problem+json");
  const auto& body = std::get<Value>(response.body);
  EXPECT_EQ(body.get("type"), Value::string("urn:cairn:error:not_found"));
  EXPECT_EQ(body.get("status"), Value::integer(404));
  EXPECT_EQ(body.get("detail"), Value::string("there is no run 'x'"));
  EXPECT_EQ(body.get("where"), Value::string("somewhere"));
  EXPECT_EQ(body.get("remedy"), Value::string("List the runs"));
}

TEST(Problem, EveryCodeHasAStatusWithWords) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    const unsigned status = status_of(static_cast<ErrorCode>(code));
    EXPECT_GE(status, 400U);
    EXPECT_FALSE(reason_of(status).empty()) << status;
  }
}

}  // namespace
}  // namespace cairn::server
