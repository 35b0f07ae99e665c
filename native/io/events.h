// What an engine has to tell its caller: slots that are free again, images that are ready, reads that have ended.
#ifndef GPUPARSER_IO_EVENTS_H
#define GPUPARSER_IO_EVENTS_H

#include <condition_variable>
#include <deque>
#include <mutex>

#include "include/gpuparser.h"

namespace gp {

class EventQueue {
 public:
  void post(const gp_event& event);
  // Up to capacity events; 0 after timeoutMs, where that is not negative, or a wake.
  int wait(gp_event* events, int capacity, int timeoutMs);
  void wake();
  // Those that nobody waited for.
  std::deque<gp_event> takeAll();

 private:
  std::mutex mutex_;
  std::condition_variable there_;
  std::deque<gp_event> events_;
  bool woken_ = false;
};

}  // namespace gp

#endif
