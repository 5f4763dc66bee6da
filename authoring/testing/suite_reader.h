#pragma once
// SuiteReader: one walk over the tree of a file of tests. Private to authoring/testing; parse_suite is its door.
// suite_reader has the cases, mock_reader what is given, expectation_reader what is expected, shape_reader values.

#include "workflows/definition/fields.h"
#include "workflows/definition/findings.h"
#include "workflows/definition/place.h"
#include "workflows/source/source.h"

#include <string>
#include <utility>
#include <vector>

#include "authoring/testing/suite_parser.h"

namespace cairn::authoring {

class SuiteReader {
 public:
  /// Borrows all three.
  SuiteReader(const SourceDocument& document, const std::string& usual_workflow, const ReadFile& read)
      : document_(document), usual_workflow_(usual_workflow), read_(read) {
    findings_.origins().add({&document, {}, {}, {}});
  }

  std::vector<Diagnostic> read_all(TestSuite& suite);

 private:
  // suite_reader.cpp
  void cases(const Place& place, const TestCase& usual, TestSuite& suite);
  void circumstances(Fields& fields, TestCase& into);
  void given_input(Fields& fields, TestCase& into);
  void paths(const Place& place, std::vector<std::string>& into, std::vector<Spot>& spots);
  std::optional<Value> value_file(const Place& place);
  static Spot spot_of(const Place& place);

  // mock_reader.cpp
  void mocks(const Place& place, std::vector<Mock>& into);
  Answer answer(const Place& place, bool only_one);
  Answer::Respond response(const Place& place);
  Answer::Exit process_end(const Place& code, Fields& fields);
  Answer::Fail failure(const Place& place);
  void events(const Place& place, std::vector<OutsideEvent>& into);

  // expectation_reader.cpp
  Expectation expectation(const Place& place);
  std::vector<TaskName> task_names(const Place& place);
  void expected_calls(const Place& place, std::vector<ExpectedCalls>& into);
  void elapsed(const Place& place, Expectation& into);
  Shape expected_error(const Place& place);
  void checks(const Place& place, std::vector<Check>& into);

  // shape_reader.cpp
  Shape shape(const Place& place);
  std::vector<Shape> shapes(const Place& place);
  std::optional<ExpressionId> expression(const Place& place, std::size_t begin, std::size_t end);
  std::optional<std::int64_t> duration(const Place& place);
  std::shared_ptr<const ExpressionProgram> compile_expressions_of_tests();

  struct Site {
    const SourceNode* node = nullptr;
    std::size_t begin = 0;
    std::string pointer;
  };

  const SourceDocument& document_;
  const std::string& usual_workflow_;
  const ReadFile& read_;
  Findings findings_;
  std::vector<ExpressionSource> sources_;
  std::vector<Site> sites_;
};

/// "communication": the type of a standard error by its last word; empty: it is none.
std::optional<StandardError> standard_error_named(std::string_view name);

}  // namespace cairn::authoring
