#include "server/api/deployed.h"

#include <gtest/gtest.h>

namespace cairn::server {
namespace {

DefinitionText workflow(const std::string& name, const std::string& version) {
  auto program = std::make_shared<Program>();
  program->identity = {"test", name, version};
  return {"", program};
}

TEST(Deployed, WithoutAVersionTheHighestIsMeant) {
  Deployed deployed;
  deployed.replace(
      {workflow("a", "1.9.0"), workflow("a", "1.10.0"), workflow("a", "1.10.0-rc.1"), workflow("b", "3.0.0")});
  EXPECT_EQ(deployed.find("test", "a")->program->identity.version, "1.10.0");
  EXPECT_EQ(deployed.find("test", "a", "1.9.0")->program->identity.version, "1.9.0");
  EXPECT_EQ(deployed.find("test", "a", "2.0.0"), nullptr);
  EXPECT_EQ(deployed.find("other", "a"), nullptr);
  EXPECT_EQ(deployed.all().size(), 4U);
}

TEST(Deployed, WhatIsReplacedIsGone) {
  Deployed deployed;
  deployed.replace({workflow("a", "1.0.0")});
  const auto held = deployed.find("test", "a");
  deployed.replace({workflow("b", "1.0.0")});
  EXPECT_EQ(deployed.find("test", "a"), nullptr);
  EXPECT_EQ(held->program->identity.name, "a");
}

}  // namespace
}  // namespace cairn::server
