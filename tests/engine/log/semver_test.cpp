#include "engine/log/semver.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cairn {
namespace {

TEST(CompareVersions, OrdersAsTheStandardSays) {
  const std::vector<std::string> ascending = {"",
                                              "draft",
                                              "v1.0.0",
                                              "1.0.0-alpha",
                                              "1.0.0-alpha.1",
                                              "1.0.0-alpha.beta",
                                              "1.0.0-beta",
                                              "1.0.0-beta.2",
                                              "1.0.0-beta.11",
                                              "1.0.0-rc.1",
                                              "1.0.0",
                                              "1.2.0",
                                              "1.10.0",
                                              "2.0.0",
                                              "10.0.0",
                                              "99999999999999999999.0.0"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(compare_versions(ascending[i], ascending[j]) < 0, i < j) << ascending[i] << " and " << ascending[j];
      EXPECT_EQ(compare_versions(ascending[i], ascending[j]) == 0, i == j) << ascending[i] << " and " << ascending[j];
    }
  }
}

TEST(CompareVersions, BuildMetadataDoesNotCount) { EXPECT_TRUE(compare_versions("1.0.0+a", "1.0.0+b") == 0); }

}  // namespace
}  // namespace cairn
