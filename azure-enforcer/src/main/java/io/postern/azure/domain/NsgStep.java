package io.postern.azure.domain;

/** One difference between what must hold and what was observed. */
public sealed interface NsgStep {
  /** The rule's name. */
  String name();

  /** Creates a rule of ours or replaces it. */
  record PutRule(NsgRule rule) implements NsgStep {
    @Override
    public String name() {
      return rule.name();
    }
  }

  /** Takes a rule of ours away. */
  record DeleteRule(String name) implements NsgStep {}

  /** Whether it makes a port reachable; everything else closes. */
  default boolean opens() {
    return this instanceof PutRule put && put.rule().allows();
  }
}
