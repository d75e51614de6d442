// Positions, and how many of them can come first and last, are enough to count the steps of a sequence, an alternation
// and a repeat; nothing is built.
#include "knowledge/patterns/pattern_cost.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "knowledge/patterns/pattern_scan.hpp"

namespace triaged::knowledge {

namespace {

constexpr std::uint64_t most = 1ULL << 32;

std::uint64_t bounded(std::uint64_t number) { return std::min(number, most); }
std::uint64_t product(std::uint64_t left, std::uint64_t right) {
  return right != 0 && left > most / right ? most : left * right;
}

/// A part of a pattern. The empty text is the part without positions.
struct Part {
  std::uint64_t positions = 0, first = 0, last = 0, steps = 0;
  bool may_be_empty = true;
};

constexpr Part one_position{1, 1, 1, 0, false};

Part sequence(const Part& left, const Part& right) {
  return {bounded(left.positions + right.positions), bounded(left.first + (left.may_be_empty ? right.first : 0)),
          bounded(right.last + (right.may_be_empty ? left.last : 0)),
          bounded(left.steps + right.steps + product(left.last, right.first)), left.may_be_empty && right.may_be_empty};
}

Part either(const Part& left, const Part& right) {
  return {bounded(left.positions + right.positions), bounded(left.first + right.first), bounded(left.last + right.last),
          bounded(left.steps + right.steps), left.may_be_empty || right.may_be_empty};
}

struct Repeat {
  std::uint64_t least = 0, most = 0;
  bool has_end = true;
};

Repeat repeat_of(std::string_view quantifier) {
  switch (quantifier.front()) {
    case '?':
      return {0, 1, true};
    case '*':
      return {0, 1, false};
    case '+':
      return {1, 1, false};
    default:
      break;
  }
  constexpr std::uint64_t largest = 100'000;  // more than either engine takes
  Repeat repeat;
  const char* end = quantifier.data() + quantifier.size();
  const auto number = [&](const char* from, std::uint64_t& into) {
    const auto [stop, failure] = std::from_chars(from, end, into);
    if (failure != std::errc() || into > largest) into = failure == std::errc::invalid_argument ? 0 : largest;
    return stop;
  };
  const char* stop = number(quantifier.data() + 1, repeat.least);
  repeat.most = repeat.least;
  if (stop != end && *stop == ',') {
    repeat.has_end = stop + 1 != end && stop[1] != '}';
    if (repeat.has_end) number(stop + 1, repeat.most);
  }
  repeat.most = std::max({repeat.most, repeat.least, std::uint64_t{1}});
  return repeat;
}

/// "x{2,4}" is xx(x(x)?)?: a copy is entered from the one before it only, and any beyond the least may be the last.
Part repeated(const Part& part, const Repeat& repeat) {
  const auto last_copies = part.may_be_empty ? repeat.most : repeat.most - std::max(repeat.least, std::uint64_t{1}) + 1;
  const auto between = product(part.last, part.first);
  const auto entered = repeat.most - 1 + (repeat.has_end ? 0 : 1);  // an endless one goes back to its last copy
  return {product(part.positions, repeat.most), part.first, product(part.last, last_copies),
          bounded(product(part.steps, repeat.most) + product(between, entered)),
          part.may_be_empty || repeat.least == 0};
}

/// A group that is still open.
struct Group {
  Part alternatives;  // those that are complete
  bool has_alternatives = false;
  Part before, atom;  // of the alternative that is read: the atom may still get a quantifier

  void add(const Part& part) {
    before = sequence(before, atom);
    atom = part;
  }

  void end_alternative() {
    const auto whole = sequence(before, atom);
    alternatives = has_alternatives ? either(alternatives, whole) : whole;
    has_alternatives = true;
    before = atom = Part();
  }
};

Part escape_part(std::string_view token) {
  if (!token.starts_with("\\Q")) return one_position;
  Part text;
  for (std::size_t left = token.size() - std::min<std::size_t>(token.size(), 4); left > 0; --left) {
    text = sequence(text, one_position);
  }
  return text;
}

}  // namespace

std::uint64_t pattern_cost(std::string_view regex) {
  std::vector<Group> open(1);
  const auto close = [&] {
    open.back().end_alternative();
    const auto part = open.back().alternatives;
    open.pop_back();
    open.back().add(part);
  };
  for_each_token(regex, [&](std::string_view token, TokenKind kind) {
    auto& group = open.back();
    switch (kind) {
      case TokenKind::open:
        if (!token.ends_with(')')) open.emplace_back();  // "(?i)" and "(?#…)" hold nothing
        break;
      case TokenKind::close:
        if (open.size() > 1) close();
        break;
      case TokenKind::alternation:
        group.end_alternative();
        break;
      case TokenKind::quantifier:
        group.atom = repeated(group.atom, repeat_of(token));
        break;
      case TokenKind::escape:
        group.add(escape_part(token));
        break;
      case TokenKind::literal:
      case TokenKind::any:
      case TokenKind::char_class:
      case TokenKind::anchor:
        group.add(one_position);
        break;
    }
  });
  while (open.size() > 1) close();
  open.front().end_alternative();
  return bounded(open.front().alternatives.positions + open.front().alternatives.steps);
}

}  // namespace triaged::knowledge
