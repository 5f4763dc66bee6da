#include "server/api/openapi.h"

#include <gtest/gtest.h>

namespace cairn::server {
namespace {

TEST(OpenApi, TheDocumentThatIsBuiltInHasPaths) {
  EXPECT_EQ(openapi_document().get("openapi"), Value::string("3.0.3"));
  EXPECT_GT(openapi_document().get("paths").as_object().size(), 20U);
}

}  // namespace
}  // namespace cairn::server
