#include "connectors/process/child_process.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <utility>

namespace cairn {

namespace asio = boost::asio;

namespace {

/// Kept alive by its own pending waits, so that it outlives the caller's handle until the child is reaped.
class ChildProcess : public std::enable_shared_from_this<ChildProcess> {
 public:
  ChildProcess(const asio::any_io_executor& executor, Spawned spawned, ProcessOptions options,
               ProcessCallbacks callbacks)
      : pid_(spawned.pid),
        exec_error_(std::move(spawned.exec_error)),
        exit_(executor, spawned.exit.release()),
        input_(executor),
        output_(executor, spawned.output.release(), "stdout", options.output),
        error_(executor, spawned.error.release(), "stderr", options.error),
        timer_(executor),
        options_(std::move(options)),
        callbacks_(std::move(callbacks)) {
    if (spawned.input.get() >= 0) input_.assign(spawned.input.release());
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() {
    if (reaped_) return;
    // The executor was torn down with us still waiting.
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  void begin() {
    exit_.async_wait(asio::posix::descriptor_base::wait_read,
                     [self = shared_from_this()](boost::system::error_code) { self->on_exit(); });
    read(output_);
    read(error_);
    if (!input_.is_open()) return;
    // A child that does not read to the end is in its right: the error of a closed pipe is none of ours.
    asio::async_write(input_, asio::buffer(*options_.input),
                      [self = shared_from_this()](boost::system::error_code, std::size_t) {
                        boost::system::error_code ignored;
                        self->input_.close(ignored);
                      });
  }

  void stop() {
    callbacks_ = {};
    if (reaped_) return;
    stopping_ = true;
    kill(-pid_, SIGTERM);
    // Even when the leader obeys, its children may not: the group gets its SIGKILL in any case, and the leader stays
    // unreaped till then, so that the group's number cannot have passed to strangers.
    timer_.expires_after(std::chrono::milliseconds(k_stop_grace_ms));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error || self->reaped_) return;
      kill(-self->pid_, SIGKILL);
      self->stop_grace_over_ = true;
      if (self->exited_) self->finish();
    });
  }

 private:
  struct Stream {
    Stream(const asio::any_io_executor& executor, int fd, std::string_view stream_name, OutputBuffer::Keep keep)
        : descriptor(executor, fd), name(stream_name), kept(keep) {}
    asio::posix::stream_descriptor descriptor;
    std::string_view name;
    OutputBuffer kept;
    std::array<char, 65536> buffer;
    bool open = true;
  };

  void read(Stream& stream) {
    stream.descriptor.async_read_some(
        asio::buffer(stream.buffer),
        [self = shared_from_this(), &stream](boost::system::error_code error, std::size_t count) {
          if (self->reaped_) return;
          if (count > 0) self->take(stream, {stream.buffer.data(), count});
          if (error) {
            stream.open = false;
            self->finish_if_complete();
          } else if (!self->too_large_) {
            self->read(stream);
          }
        });
  }

  void take(Stream& stream, std::string_view piece) {
    const std::string text = stream.kept.append(piece);
    if (kept_bytes() > options_.max_output_bytes) {
      too_large_ = true;
      kill(-pid_, SIGKILL);
      return;
    }
    // A copy: the report may stop us, which drops the callbacks while one runs.
    const auto progress = callbacks_.progress;
    if (progress && !text.empty()) progress(stream.name, text);
  }

  std::size_t kept_bytes() const {
    const auto bytes = [](const OutputBuffer& kept) {
      return kept.keep() == OutputBuffer::Keep::all ? kept.size() : 0;
    };
    return bytes(output_.kept) + bytes(error_.kept);
  }

  void on_exit() {
    exited_ = true;
    if (stopping_) {
      if (stop_grace_over_) finish();
      return;
    }
    if (too_large_) return finish();
    timer_.expires_after(std::chrono::milliseconds(k_output_grace_ms));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error && !self->stopping_) self->finish();
    });
    finish_if_complete();
  }

  void finish_if_complete() {
    if (exited_ && !stopping_ && !output_.open && !error_.open) finish();
  }

  void finish() {
    if (reaped_) return;
    ProcessEnd end;
    int status = 0;
    const pid_t result = waitpid(pid_, &status, 0);
    reaped_ = true;
    if (result == pid_ && WIFEXITED(status)) {
      end.code = WEXITSTATUS(status);
    } else if (result == pid_) {
      end.signal = WTERMSIG(status);
      end.code = 128 + end.signal;
    } else {
      end.code = -1;
    }
    close_all();
    int exec_error = 0;
    if (::read(exec_error_.get(), &exec_error, sizeof exec_error) == sizeof exec_error) end.exec_error = exec_error;
    end.too_large = too_large_;
    end.output = std::move(output_.kept);
    end.error = std::move(error_.kept);
    options_.keep_alive.reset();
    const auto callbacks = std::exchange(callbacks_, {});
    if (callbacks.ended) callbacks.ended(std::move(end));
  }

  void close_all() {
    timer_.cancel();
    boost::system::error_code ignored;
    for (auto* descriptor : {&exit_, &input_, &output_.descriptor, &error_.descriptor}) descriptor->close(ignored);
  }

  pid_t pid_;
  FileDescriptor exec_error_;
  asio::posix::stream_descriptor exit_;
  asio::posix::stream_descriptor input_;
  Stream output_;
  Stream error_;
  asio::steady_timer timer_;  // after exit: for the streams; after stop: for SIGKILL
  ProcessOptions options_;
  ProcessCallbacks callbacks_;
  bool exited_ = false;  // the leader has ended
  bool reaped_ = false;  // and its number is no longer ours
  bool stopping_ = false;
  bool stop_grace_over_ = false;
  bool too_large_ = false;
};

}  // namespace

Result<std::shared_ptr<void>> start_process(const asio::any_io_executor& executor, const SpawnRequest& request,
                                            ProcessOptions options, ProcessCallbacks callbacks) {
  CAIRN_TRY(auto spawned, spawn(request));
  const pid_t pid = spawned.pid;
  try {
    const auto process =
        std::make_shared<ChildProcess>(executor, std::move(spawned), std::move(options), std::move(callbacks));
    process->begin();
    // The handle is not the process: dropping it stops what then ends by itself.
    return std::shared_ptr<void>(nullptr, [process](void*) { process->stop(); });
  } catch (const boost::system::system_error& failure) {  // the reactor takes no more descriptors
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return make_error(ErrorCode::io, std::string("a child process cannot be watched: ") + failure.what());
  }
}

}  // namespace cairn
