package io.postern.azure.domain;

/** A step in a network security group. */
public sealed interface NsgStep extends AzureStep {
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

  @Override
  default boolean opens() {
    return this instanceof PutRule put && put.rule().allows();
  }

  @Override
  default boolean takesAway() {
    return this instanceof DeleteRule;
  }
}
