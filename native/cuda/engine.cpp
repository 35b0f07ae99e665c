#include "cuda/engine.h"

namespace gp::gpu {

Engine::Engine(int ordinal, int threads, const char* cpuLibrary) : cpu_(0, cpuLibrary) {
  starter_ = std::thread([this, ordinal, threads] { start(ordinal, threads); });
}

Engine::~Engine() { starter_.join(); }

void Engine::start(int ordinal, int threads) {
  Fault fault;
  try {
    bringUp(ordinal, threads);
    card_->lockSlots();
  } catch (const Fault& failure) {
    fault = failure;
  } catch (const std::bad_alloc&) {
    fault = {GP_MEMORY, -1, -1, "no memory"};
  } catch (const std::exception& error) {
    fault = {GP_DEVICE, -1, -1, error.what()};
  }
  {
    const std::lock_guard guard(mutex_);
    fault_ = fault;
    if (!takesRows_)
      for (const Item& item : items_) refuse(item);
    items_.clear();
    takesRows_ = ready_ = true;
  }
  started_.notify_all();
}

// Until the card takes rows.
void Engine::bringUp(int ordinal, int threads) {
  auto card = std::make_unique<Card>(ordinal, threads, events, cpu_);
  std::unique_lock guard(mutex_);
  while (!schemas_.empty()) {
    const std::vector<std::shared_ptr<Schema>> opened = std::move(schemas_);
    schemas_.clear();
    guard.unlock();  // callers need not wait for the device
    for (const std::shared_ptr<Schema>& schema : opened) card->adopt(schema);
    guard.lock();
  }
  card_ = std::move(card);
  for (Item& item : items_) forward(item);
  items_.clear();
  takesRows_ = true;
}

Card& Engine::await() {
  std::unique_lock guard(mutex_);
  started_.wait(guard, [&] { return ready_; });
  if (fault_) throw Fault(fault_);
  return *card_;
}

std::shared_ptr<Schema> Engine::openSchema(const gp_column* columns, int32_t count, const gp_writer_options& options) {
  auto schema = std::make_shared<Schema>(columns, count, options, cpu_.openSchema(columns, count, options));
  {
    const std::lock_guard guard(mutex_);
    if (!takesRows_) {
      schemas_.push_back(schema);
      return schema;
    }
    if (fault_) throw Fault(fault_);
  }
  card_->adopt(schema);
  return schema;
}

RowSet Engine::spareRows() {
  const std::lock_guard guard(mutex_);
  return card_ ? card_->spareRows() : RowSet{};
}

void Engine::pass(Item item) {
  const std::lock_guard guard(mutex_);
  if (!takesRows_) {
    items_.push_back(std::move(item));
  } else if (fault_) {
    refuse(item);
  } else {
    forward(item);
  }
}

void Engine::forward(Item& item) {
  if (item.memory == nullptr) {
    card_->finish(item.batch);
  } else {
    card_->append(item.batch, std::move(item.rows), item.memory, item.slotId);
  }
}

// As after an error of the device: slots come back, and the batch's event says why.
void Engine::refuse(const Item& item) {
  item.batch->fail(fault_);
  gp_event event{};
  event.type = item.memory == nullptr ? GP_EVENT_BATCH : GP_EVENT_SLOT;
  event.id = item.memory == nullptr ? item.batch->id : item.slotId;
  event.code = item.memory == nullptr ? fault_.code : GP_OK;
  events.post(event);
}

}  // namespace gp::gpu
