#include "cuda/events.h"

#include <chrono>

namespace gp::gpu {

void EventQueue::post(const gp_event& event) {
  {
    const std::lock_guard guard(mutex_);
    events_.push_back(event);
  }
  there_.notify_one();
}

int EventQueue::wait(gp_event* events, int capacity, int timeoutMs) {
  std::unique_lock guard(mutex_);
  there_.wait_for(guard, std::chrono::milliseconds(timeoutMs < 0 ? 0 : timeoutMs), [&] { return woken_ || !events_.empty(); });
  woken_ = false;
  int count = 0;
  while (count < capacity && !events_.empty()) {
    events[count++] = events_.front();
    events_.pop_front();
  }
  return count;
}

void EventQueue::wake() {
  {
    const std::lock_guard guard(mutex_);
    woken_ = true;
  }
  there_.notify_one();
}

}  // namespace gp::gpu
