// Whether a chunk's values came in order. Costs a comparison a value while they do, nothing once they did not.
#ifndef GPUPARSER_CPU_ENCODE_ORDER_CHECK_H
#define GPUPARSER_CPU_ENCODE_ORDER_CHECK_H

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "cpu/encode/fixed_traits.h"

namespace gp {

class OrderCheck {
 public:
  bool ascending() const { return ascending_; }
  bool descending() const { return descending_; }
  // Whether it is still worth showing values.
  bool open() const { return ascending_ || descending_; }
  void restart() {
    ascending_ = descending_ = true;
    begun_ = false;
  }

  // Floats have no order that every reader shares: NaN.
  template <class T>
  void observe(const T* values, size_t count) {
    if constexpr (std::is_floating_point_v<T>) {
      ascending_ = descending_ = false;
    } else {
      if (count == 0) return;
      if (begun_) compare(last<T>(), values[0]);
      begun_ = true;
      for (size_t i = 1; i < count && open();) {
        // in stretches, so that the comparisons of a stretch run side by side
        const size_t end = i + 64 < count ? i + 64 : count;
        if (ascending_) ascending_ = !anyBefore(values + i, values + i - 1, end - i);
        if (descending_) descending_ = !anyBefore(values + i - 1, values + i, end - i);
        i = end;
      }
      std::memcpy(last_, &values[count - 1], sizeof(T));
    }
  }

  // text(i): the i-th of count texts.
  template <class F>
  void observeTexts(size_t count, F&& text) {
    if (count == 0) return;
    std::string_view last = begun_ ? std::string_view(lastText_) : text(0);
    begun_ = true;
    for (size_t i = 0; i < count && open(); i++) {
      const std::string_view next = text(i);
      const int order = next.compare(last);
      ascending_ &= order >= 0;
      descending_ &= order <= 0;
      last = next;
    }
    if (open()) lastText_.assign(last);
  }

 private:
  template <class T>
  static bool before(const T& a, const T& b) {
    if constexpr (std::is_integral_v<T>) {
      return a < b;
    } else {
      return FixedTraits<T>::key(a) < FixedTraits<T>::key(b);
    }
  }
  // Whether any of count values is before the one beside it in b.
  template <class T>
  static bool anyBefore(const T* a, const T* b, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; i++) any |= before(a[i], b[i]);
    return any;
  }
  template <class T>
  T last() const {
    T v;
    std::memcpy(&v, last_, sizeof(T));
    return v;
  }
  template <class T>
  void compare(const T& a, const T& b) {
    ascending_ &= !before(b, a);
    descending_ &= !before(a, b);
  }

  bool ascending_ = true;
  bool descending_ = true;
  bool begun_ = false;
  uint8_t last_[16];
  std::string lastText_;
};

}  // namespace gp

#endif
