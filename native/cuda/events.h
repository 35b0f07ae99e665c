// What the engine has to tell its caller: slots that are free again, images that are ready.
#ifndef GPUPARSER_CUDA_EVENTS_H
#define GPUPARSER_CUDA_EVENTS_H

#include <condition_variable>
#include <deque>
#include <mutex>

#include "include/gpuparser.h"

namespace gp::gpu {

class EventQueue {
 public:
  void post(const gp_event& event);
  // Up to capacity events; 0 after timeoutMs or a wake.
  int wait(gp_event* events, int capacity, int timeoutMs);
  void wake();

 private:
  std::mutex mutex_;
  std::condition_variable there_;
  std::deque<gp_event> events_;
  bool woken_ = false;
};

}  // namespace gp::gpu

#endif
