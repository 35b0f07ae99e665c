#include "io/events.h"

#include <chrono>
#include <utility>

namespace gp {

void EventQueue::post(const gp_event& event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
  }
  there_.notify_one();
}

int EventQueue::wait(gp_event* events, int capacity, int timeoutMs) {
  std::unique_lock lock(mutex_);
  const auto there = [this] { return woken_ || !events_.empty(); };
  if (timeoutMs < 0) {
    there_.wait(lock, there);
  } else {
    there_.wait_for(lock, std::chrono::milliseconds(timeoutMs), there);
  }
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
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  there_.notify_all();
}

std::deque<gp_event> EventQueue::takeAll() {
  const std::lock_guard lock(mutex_);
  return std::exchange(events_, {});
}

}  // namespace gp
