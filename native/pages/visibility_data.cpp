#include "pages/visibility_data.h"

#include <algorithm>

namespace gp {
namespace {

// The last answer about an id counts.
void put(std::vector<Answer>& list, const Answer& answer) {
  const auto at = std::lower_bound(list.begin(), list.end(), answer.id, [](const Answer& a, uint32_t id) { return a.id < id; });
  if (at != list.end() && at->id == answer.id) *at = answer;
  else list.insert(at, answer);
}

}  // namespace

Visibility VisibilityState::view() const {
  return {{xmin, xmax, running.data(), static_cast<uint32_t>(running.size()), overflowed},
          files.data(),
          {xids.data(), static_cast<uint32_t>(xids.size())},
          {multis.data(), static_cast<uint32_t>(multis.size())}};
}

VisibilityData::VisibilityData(Xid xmin, Xid xmax, std::vector<Xid> running, bool overflowed) {
  std::sort(running.begin(), running.end());
  auto state = std::make_shared<VisibilityState>();
  *state = {xmin,
            xmax,
            overflowed,
            std::move(running),
            std::vector<std::shared_ptr<const std::vector<uint8_t>>>(kXactFiles),
            std::vector<XactFile>(kXactFiles),
            {},
            {}};
  state_ = std::move(state);
}

std::shared_ptr<const VisibilityState> VisibilityData::now() {
  std::lock_guard lock(mutex_);
  return state_;
}

void VisibilityData::file(uint32_t number, std::vector<uint8_t> bytes) {
  const auto kept = std::make_shared<const std::vector<uint8_t>>(std::move(bytes));
  std::lock_guard lock(mutex_);
  auto next = std::make_shared<VisibilityState>(*state_);
  next->files[number] = {kept->data(), static_cast<uint32_t>(kept->size())};
  next->owned[number] = kept;
  state_ = std::move(next);
}

void VisibilityData::answer(const gp_asked* answers, size_t count) {
  std::lock_guard lock(mutex_);
  auto next = std::make_shared<VisibilityState>(*state_);
  for (size_t i = 0; i < count; i++) {
    const gp_asked& a = answers[i];
    const auto id = static_cast<uint32_t>(a.id);
    if (a.multi != 0) put(next->multis, {id, static_cast<uint32_t>(a.updater), a.kind == GP_ANSWER_UPDATER});
    else put(next->xids, {id, static_cast<uint32_t>(a.kind), true});
  }
  state_ = std::move(next);
}

}  // namespace gp
