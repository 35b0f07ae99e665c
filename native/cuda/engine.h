// One GPU's engine, which takes rows from the moment it is opened: what comes before CUDA runs waits for it.
#ifndef GPUPARSER_CUDA_ENGINE_H
#define GPUPARSER_CUDA_ENGINE_H

#include <condition_variable>
#include <thread>

#include "cuda/card.h"

namespace gp::gpu {

class Engine {
 public:
  // Returns at once: CUDA starts on a thread of its own. Throws Fault where the CPU engine cannot be loaded.
  Engine(int ordinal, int threads, const char* cpuLibrary);
  ~Engine();

  // Waits until the card can be used and slots are page-locked. Throws Fault when it cannot be used or has too little memory free;
  // then every batch fails with the same.
  Card& await();
  // What await returned.
  Card& card() { return *card_; }

  std::shared_ptr<Schema> openSchema(const gp_column* columns, int32_t count, const gp_writer_options& options);
  void append(const std::shared_ptr<Batch>& batch, RowSet rows, const uint8_t* memory, int64_t slotId) {
    pass({batch, std::move(rows), memory, slotId});
  }
  void finish(const std::shared_ptr<Batch>& batch) { pass({batch, {}, nullptr, 0}); }
  RowSet spareRows();

  EventQueue events;

 private:
  struct Item {
    std::shared_ptr<Batch> batch;
    RowSet rows;
    const uint8_t* memory = nullptr;  // none: the batch is finished
    int64_t slotId = 0;
  };

  void start(int ordinal, int threads);
  void bringUp(int ordinal, int threads);
  void pass(Item item);
  void forward(Item& item);
  void refuse(const Item& item);

  CpuEngine cpu_;
  std::unique_ptr<Card> card_;

  std::mutex mutex_;
  std::condition_variable started_;
  bool takesRows_ = false;  // the card does, or it failed
  bool ready_ = false;      // and slots are page-locked
  Fault fault_;
  std::vector<std::shared_ptr<Schema>> schemas_;  // opened before the card took rows
  std::vector<Item> items_;                       // likewise
  std::thread starter_;
};

}  // namespace gp::gpu

#endif
