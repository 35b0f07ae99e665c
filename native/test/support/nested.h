// Wire forms of nested values by hand.
#ifndef GPUPARSER_TEST_NESTED_H
#define GPUPARSER_TEST_NESTED_H

#include "test/support/copy.h"

namespace gp::test {

// Length word and bytes.
std::string element(const Field& value);
std::string array(const std::vector<Field>& elements);
// sizes of the dimensions; lower bounds are 1 unless given.
std::string array(const std::vector<int>& sizes, const std::vector<Field>& elements, const std::vector<int>& lower = {});
std::string record(const std::vector<Field>& members);
std::string hstore(const std::vector<std::pair<std::string, Field>>& pairs);
// flags as in rangetypes.h; bounds that are there, lower first.
std::string range(int flags, const std::vector<std::string>& bounds);
std::string multirange(const std::vector<std::string>& ranges);
std::string vectorOf(const std::vector<float>& values);
std::string halfvec(const std::vector<int>& halves);

}  // namespace gp::test

#endif
