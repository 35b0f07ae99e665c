// The ABI's snapshots, which are the same with every engine. Included once by each engine's abi.cpp.
#ifndef GPUPARSER_ABI_VISIBILITY_H
#define GPUPARSER_ABI_VISIBILITY_H

#include "abi/guard.h"
#include "pages/visibility_data.h"

struct gp_visibility {
  gp::VisibilityData data;
};

extern "C" {

int32_t gp_visibility_open(int64_t xmin, int64_t xmax, const uint32_t* running, int64_t count, int32_t overflowed,
                           gp_visibility** visibility, gp_status* status) {
  return gp::abi::guarded<GP_INTERNAL>(status, [&] {
    gp::abi::require(visibility != nullptr && count >= 0 && (count == 0 || running != nullptr), "visibility or running is missing");
    *visibility = nullptr;
    gp::abi::require(xmin >= 0 && xmin <= UINT32_MAX && xmax >= 0 && xmax <= UINT32_MAX, "xmin and xmax must be of 32 bits");
    std::vector<gp::Xid> list(running, running + count);
    *visibility =
        new gp_visibility{gp::VisibilityData(static_cast<gp::Xid>(xmin), static_cast<gp::Xid>(xmax), std::move(list), overflowed != 0)};
  });
}

void gp_visibility_close(gp_visibility* visibility) { delete visibility; }

int32_t gp_visibility_xact(gp_visibility* visibility, int32_t file, const void* bytes, int64_t length, gp_status* status) {
  return gp::abi::guarded<GP_INTERNAL>(status, [&] {
    gp::abi::require(visibility != nullptr && bytes != nullptr, "visibility or bytes is missing");
    gp::abi::require(file >= 0 && file < static_cast<int32_t>(gp::kXactFiles), "file must be 0 to 4095");
    gp::abi::require(length >= 0 && length <= gp::kXactFileBytes, "length must be 0 to 262144");
    const auto* from = static_cast<const uint8_t*>(bytes);
    visibility->data.file(static_cast<uint32_t>(file), {from, from + length});
  });
}

int32_t gp_visibility_answer(gp_visibility* visibility, const gp_asked* answers, int64_t count, gp_status* status) {
  return gp::abi::guarded<GP_INTERNAL>(status, [&] {
    gp::abi::require(visibility != nullptr && count >= 0 && (count == 0 || answers != nullptr), "visibility or answers is missing");
    for (int64_t i = 0; i < count; i++) {
      const gp_asked& a = answers[i];
      const bool fits = a.multi != 0 ? a.kind == GP_ANSWER_UNKNOWN || a.kind == GP_ANSWER_UPDATER
                                     : a.kind >= GP_ANSWER_UNKNOWN && a.kind <= GP_ANSWER_ABORTED;
      gp::abi::require(fits && a.id >= 0 && a.id <= UINT32_MAX && a.updater >= 0 && a.updater <= UINT32_MAX, "an answer is none");
    }
    visibility->data.answer(answers, static_cast<size_t>(count));
  });
}

}  // extern "C"

#endif
