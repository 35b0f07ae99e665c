// Tests with a sentence for a name, and checks that say what differed.
#ifndef GPUPARSER_TEST_HARNESS_H
#define GPUPARSER_TEST_HARNESS_H

#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>

namespace gp::test {

struct Test {
  Test(const char* name, std::function<void()> body);
};

struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
std::string printed(const T& v) {
  std::ostringstream out;
  out << v;
  return out.str();
}

template <class A, class B>
void expect(const A& got, const B& wanted, const std::string& what) {
  if (!(got == wanted)) throw Failed(what + ": got " + printed(got) + ", wanted " + printed(wanted));
}

inline void holds(bool condition, const std::string& what) {
  if (!condition) throw Failed(what);
}

inline void contains(const std::string& text, const std::string& part) {
  if (text.find(part) == std::string::npos) throw Failed("\"" + text + "\" does not contain \"" + part + "\"");
}

}  // namespace gp::test

#define GP_JOIN2(a, b) a##b
#define GP_JOIN(a, b) GP_JOIN2(a, b)
#define TEST(name)                                                                            \
  static void GP_JOIN(test, __LINE__)();                                                      \
  static const ::gp::test::Test GP_JOIN(registered, __LINE__)(name, GP_JOIN(test, __LINE__)); \
  static void GP_JOIN(test, __LINE__)()

#endif
