#pragma once
// FunctionRef: a borrowed callable, for parameters only. Does not allocate.

#include <memory>
#include <type_traits>
#include <utility>

namespace cairn::jq {

template <class Signature>
class FunctionRef;

template <class R, class... Arguments>
class FunctionRef<R(Arguments...)> {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef>)
  // NOLINTNEXTLINE(google-explicit-constructor, cppcoreguidelines-missing-std-forward): stands for the callable, borrowed
  FunctionRef(F&& function)
      : function_(const_cast<void*>(static_cast<const void*>(std::addressof(function)))),
        call_([](void* object, Arguments... arguments) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Arguments>(arguments)...);
        }) {}

  R operator()(Arguments... arguments) const { return call_(function_, std::forward<Arguments>(arguments)...); }

 private:
  void* function_;
  R (*call_)(void*, Arguments...);
};

}  // namespace cairn::jq
