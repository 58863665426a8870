package io.postern.condition;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.postern.model.InvalidValueException;
import java.util.Map;

/**
 * A condition of a policy: a CEL expression that is true or false, over {@code request.ports},
 * {@code request.sources} (lists of text), {@code request.duration}, {@code request.justification},
 * {@code requestor.subject}, {@code requestor.issuer}, {@code requestor.groups}, {@code
 * machine.id}, {@code machine.name}, {@code machine.cloud}, {@code machine.scope}, {@code
 * machine.tags}, {@code start} and {@code now}. Compiled and type-checked when it is made; safe for
 * use by many threads.
 */
public final class Condition {
  private static final int LONGEST = 2_000;
  private static final CelCompiler COMPILER =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setResultType(SimpleType.BOOL)
          .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
          .addVar("request.ports", ListType.create(SimpleType.STRING))
          .addVar("request.sources", ListType.create(SimpleType.STRING))
          .addVar("request.duration", SimpleType.DURATION)
          .addVar("request.justification", SimpleType.STRING)
          .addVar("requestor.subject", SimpleType.STRING)
          .addVar("requestor.issuer", SimpleType.STRING)
          .addVar("requestor.groups", ListType.create(SimpleType.STRING))
          .addVar("machine.id", SimpleType.STRING)
          .addVar("machine.name", SimpleType.STRING)
          .addVar("machine.cloud", SimpleType.STRING)
          .addVar("machine.scope", SimpleType.STRING)
          .addVar("machine.tags", MapType.create(SimpleType.STRING, SimpleType.STRING))
          .addVar("start", SimpleType.TIMESTAMP)
          .addVar("now", SimpleType.TIMESTAMP)
          .build();
  private static final CelRuntime RUNTIME = CelRuntimeFactory.standardCelRuntimeBuilder().build();

  private final CelRuntime.Program program;

  private Condition(CelRuntime.Program program) {
    this.program = program;
  }

  /**
   * Compiles and type-checks an expression.
   *
   * @throws InvalidValueException with the compiler's word when it is not one that is true or false
   */
  public static Condition compile(String expression) {
    if (expression.length() > LONGEST) {
      throw new InvalidValueException(
          "must not be longer than " + LONGEST + " characters", expression);
    }
    try {
      CelAbstractSyntaxTree checked = COMPILER.compile(expression).getAst();
      return new Condition(RUNTIME.createProgram(checked));
    } catch (CelValidationException | CelEvaluationException e) {
      throw new InvalidValueException(
          "must be a CEL expression that is true or false: " + firstLine(e), expression);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }

  /**
   * Whether it holds.
   *
   * @param inputs by the names above; durations and timestamps as {@code java.time}
   * @throws IllegalStateException when it cannot be evaluated, which must count as not satisfied
   */
  public boolean holds(Map<String, Object> inputs) {
    try {
      return program.eval(inputs) instanceof Boolean answer && answer;
    } catch (CelEvaluationException e) {
      throw new IllegalStateException(firstLine(e), e);
    }
  }
}
