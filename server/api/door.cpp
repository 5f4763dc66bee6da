#include "server/api/door.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace cairn::server {
namespace {

/// A request under way. Holds itself until it is done; on the engine's thread.
class Question final : public std::enable_shared_from_this<Question> {
 public:
  Question(boost::asio::io_context& io, Door::Done done, std::size_t most)
      : io_(io), done_(std::move(done)), most_(most) {}

  void ask(Service& service, const Value& request) {
    self_ = shared_from_this();
    auto exchange = service.handle(request, [this](const Value& message, bool last) { on_answer(message, last); });
    exchange_ = std::move(exchange);
    if (self_ == nullptr) release();
  }

  void give_up() {
    if (self_ == nullptr) return;
    done_ = nullptr;
    release();
  }

 private:
  void on_answer(const Value& message, bool last) {
    if (self_ == nullptr) return;
    if (auto error = error_in(message)) {
      finish(std::move(*error));
      return;
    }
    messages_.push_back(message);
    if (last || messages_.size() >= most_) {
      finish(std::move(messages_));
      return;
    }
    // Answers come in pages; the next one is asked for when this one has come, not from within.
    if (std::exchange(asked_for_more_, true)) return;
    boost::asio::post(io_, [self = shared_from_this()] {
      self->asked_for_more_ = false;
      if (self->exchange_ != nullptr && self->self_ != nullptr) self->exchange_->more();
    });
  }

  void finish(Result<std::vector<Value>> messages) {
    const auto done = std::exchange(done_, nullptr);
    done(std::move(messages));
    release();
  }

  /// An exchange must not end within its own answer.
  void release() {
    boost::asio::post(io_, [exchange = std::shared_ptr<Exchange>(std::move(exchange_)), self = std::move(self_)] {});
    self_ = nullptr;
  }

  boost::asio::io_context& io_;
  Door::Done done_;
  std::size_t most_;
  std::vector<Value> messages_;
  std::unique_ptr<Exchange> exchange_;
  std::shared_ptr<Question> self_;
  bool asked_for_more_ = false;
};

}  // namespace

Door::Door(boost::asio::io_context& io, Engine& engine, Service& service)
    : io_(&io), engine_(&engine), service_(&service) {}

void Door::enter(std::function<void()> work) const { boost::asio::post(*io_, std::move(work)); }

void Door::ask(Value request, Done done, std::size_t most) const {
  enter([door = *this, request = std::move(request), done = std::move(done), most] {
    std::make_shared<Question>(*door.io_, done, most)->ask(*door.service_, request);
  });
}

std::function<void()> Door::ask_here(const Value& request, Done done) const {
  const auto question = std::make_shared<Question>(*io_, std::move(done), k_answers);
  question->ask(*service_, request);
  return [asked = std::weak_ptr(question)] {
    if (const auto under_way = asked.lock()) under_way->give_up();
  };
}

void Door::ask(Value request, Reply reply, std::string_view part) const {
  ask(std::move(request), [reply = std::make_shared<Reply>(std::move(reply)),
                           part = std::string(part)](Result<std::vector<Value>> messages) {
    if (!messages) {
      (*reply)(problem(messages.error()));
      return;
    }
    const Value& last = messages.value().back();
    (*reply)(json_response(200, part.empty() ? last : last.get(part)));
  });
}

}  // namespace cairn::server
