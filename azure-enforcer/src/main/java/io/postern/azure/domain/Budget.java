package io.postern.azure.domain;

/** How much of a group's size limits is used: 1,000 rules, 4,000 prefixes or ports on each side. */
final class Budget {
  static final int MAX_RULES = 1000;
  static final int MAX_VALUES = 4000;

  private int rules;
  private int sources;
  private int destinations;
  private int ports;

  void add(NsgRule rule) {
    count(rule, 1);
  }

  void remove(NsgRule rule) {
    count(rule, -1);
  }

  private void count(NsgRule rule, int sign) {
    rules += sign;
    sources += sign * rule.sources().size();
    destinations += sign * rule.destinations().size();
    ports += sign * rule.destinationPorts().size();
  }

  /** What the rules have most of: sources, destinations or ports. */
  static int mostValues(java.util.List<NsgRule> rules) {
    Budget budget = new Budget();
    rules.forEach(budget::add);
    return Math.max(budget.sources, Math.max(budget.destinations, budget.ports));
  }

  /** How many rules more there may be. */
  int rulesLeft() {
    return MAX_RULES - rules;
  }

  boolean isExceeded() {
    return rules > MAX_RULES
        || sources > MAX_VALUES
        || destinations > MAX_VALUES
        || ports > MAX_VALUES;
  }
}
