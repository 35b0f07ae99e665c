#include "cpu/engine.h"

namespace gp {

Engine::Engine(int threads) {
  try {
    for (int i = 0; i < threads; i++) threads_.emplace_back([this] { run(); });
  } catch (...) {
    {
      std::lock_guard lock(workMutex_);
      closing_ = true;
    }
    workThere_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    throw;
  }
}

Engine::~Engine() {
  {
    std::lock_guard lock(workMutex_);
    closing_ = true;
    ready_.clear();
  }
  workThere_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  for (const gp_event& event : events.takeAll()) {
    if (event.image != nullptr) images.give(event.image);
  }
}

void Engine::schedule(std::shared_ptr<Strand> strand) {
  {
    std::lock_guard lock(workMutex_);
    ready_.push_back(std::move(strand));
  }
  workThere_.notify_one();
}

void Engine::run() {
  auto work = std::make_unique<Work>();
  std::unique_lock lock(workMutex_);
  while (true) {
    workThere_.wait(lock, [this] { return closing_ || !ready_.empty(); });
    if (closing_) return;
    std::shared_ptr<Strand> strand = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    const bool more = strand->step(*work);
    if (more) {
      lock.lock();
      ready_.push_back(std::move(strand));  // behind the others: every batch gets its turn
    } else {
      strand.reset();
      lock.lock();
    }
  }
}

}  // namespace gp
