// What JavaScript holds by small numbers; who uses it holds it meanwhile.

#pragma once

#include <memory>
#include <mutex>
#include <vector>

namespace groundhog {

template <class T>
class Table {
 public:
  uint32_t add(std::shared_ptr<T> made) {
    std::lock_guard held(mutex_);
    open_.push_back(std::move(made));
    return static_cast<uint32_t>(open_.size() - 1);
  }
  // Nothing when it was closed.
  std::shared_ptr<T> find(double id) {
    std::lock_guard held(mutex_);
    return is_number(id) ? open_[static_cast<uint32_t>(id)] : nullptr;
  }
  void close(double id) {
    std::lock_guard held(mutex_);
    if (is_number(id)) open_[static_cast<uint32_t>(id)].reset();
  }

 private:
  bool is_number(double id) const { return id >= 0 && id < static_cast<double>(open_.size()); }

  std::mutex mutex_;
  std::vector<std::shared_ptr<T>> open_;
};

}  // namespace groundhog
