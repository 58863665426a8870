package io.postern.azure.domain;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A step in a network security group. */
public sealed interface NsgStep extends AzureStep {
  /** The rule's name. */
  String name();

  /** Names of all rules that it writes or takes away. */
  default List<String> names() {
    return this instanceof PutRule put
        ? Stream.concat(Stream.of(put.name()), put.replaces().stream()).toList()
        : List.of(name());
  }

  /**
   * Creates a rule of ours or replaces it.
   *
   * @param replaces names of other rules of ours whose grants it takes over: they go in the same
   *     write
   * @param less what takes away what it no longer lets in, and adds nothing; empty when there is
   *     nothing to take away
   */
  record PutRule(NsgRule rule, List<String> replaces, Optional<NsgStep> less) implements NsgStep {
    public PutRule {
      replaces = List.copyOf(replaces);
    }

    /** One that takes nothing away. */
    public PutRule(NsgRule rule) {
      this(rule, List.of(), Optional.empty());
    }

    @Override
    public String name() {
      return rule.name();
    }

    private boolean onlyLess() {
      return less.filter(l -> l instanceof PutRule put && put.rule().equals(rule)).isPresent();
    }
  }

  /** Takes a rule of ours away. */
  record DeleteRule(String name) implements NsgStep {}

  @Override
  default boolean opens() {
    return this instanceof PutRule put && put.rule().allows() && !put.onlyLess();
  }

  @Override
  default boolean takesAway() {
    return switch (this) {
      case PutRule put -> put.less().isPresent();
      case DeleteRule delete -> true;
    };
  }

  @Override
  default Optional<AzureStep> closing() {
    return this instanceof PutRule put && put.less().isPresent()
        ? put.less().map(l -> l)
        : AzureStep.super.closing();
  }
}
