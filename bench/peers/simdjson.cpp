// Parses each line of a JSON Lines file with simdjson's DOM and reads every
// value, as a reader of the file would. simdjson 3.0: Debian's libsimdjson-dev.
#include <cstdio>
#include <cstring>
#include <simdjson.h>
#include <vector>

using namespace simdjson;

// sum makes a number of a value, so that nothing of it can be left unread.
static double sum(dom::element e) {
  double n = 0;
  switch (e.type()) {
  case dom::element_type::ARRAY:
    for (dom::element child : dom::array(e)) n += sum(child);
    return n;
  case dom::element_type::OBJECT:
    for (auto member : dom::object(e)) n += member.key.size() + sum(member.value);
    return n;
  case dom::element_type::STRING:
    return std::string_view(e).size();
  case dom::element_type::BOOL:
    return bool(e);
  case dom::element_type::NULL_VALUE:
    return 0;
  default:
    return double(e);
  }
}

int main(int, char **argv) {
  std::FILE *file = std::fopen(argv[1], "rb");
  if (!file) {
    std::perror(argv[1]);
    return 1;
  }
  // a block at a time, so that what is measured is parsing and not page faults
  std::vector<char> block(4 << 20);
  dom::parser parser;
  double total = 0;
  long records = 0;
  for (size_t held = 0;;) {
    if (block.size() < held + SIMDJSON_PADDING + 1) block.resize(2 * block.size());
    size_t n = std::fread(&block[held], 1, block.size() - SIMDJSON_PADDING - held, file);
    const char *p = block.data(), *end = p + held + n;
    while (p < end) {
      const char *newline = static_cast<const char *>(std::memchr(p, '\n', end - p));
      if (!newline && n > 0) break; // the rest of the line is in the next block
      size_t size = (newline ? newline : end) - p;
      dom::element e;
      // the bytes after a line are there, so it need not be copied to be padded
      if (auto error = parser.parse(p, size, false).get(e)) {
        std::fprintf(stderr, "record %ld: %s\n", records + 1, error_message(error));
        return 1;
      }
      total += sum(e);
      records++;
      p += size + (newline ? 1 : 0);
    }
    if (n == 0) break;
    held = end - p;
    std::memmove(block.data(), p, held);
  }
  std::printf("%ld records, %.0f\n", records, total);
  return std::ferror(file);
}
