// Threads, events and memory that the objects of one engine share.
#ifndef GPUPARSER_CPU_ENGINE_H
#define GPUPARSER_CPU_ENGINE_H

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "cpu/image.h"
#include "cpu/work.h"
#include "io/events.h"

namespace gp {

// A strand: its steps run one after the other, on any of the engine's threads.
class Strand {
 public:
  virtual ~Strand() = default;
  // One step of work. False: nothing is left to do for now.
  virtual bool step(Work& work) = 0;
};

class Engine {
 public:
  explicit Engine(int threads);
  ~Engine();  // waits for the threads to end; work not begun is dropped

  void schedule(std::shared_ptr<Strand> strand);

  EventQueue events;
  ImagePool images;

 private:
  void run();

  std::mutex workMutex_;
  std::condition_variable workThere_;
  std::deque<std::shared_ptr<Strand>> ready_;
  bool closing_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace gp

#endif
