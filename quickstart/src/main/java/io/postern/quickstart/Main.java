package io.postern.quickstart;

import io.postern.hosting.Tracing;
import io.postern.platform.Issuer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands behind {@code ./postern}. */
@Command(
    name = "postern",
    mixinStandardHelpOptions = true,
    description = "Just-in-time access to management ports, the whole system on this machine.",
    synopsisSubcommandLabel = "COMMAND")
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    // Tomcat logs through java.util.logging; it goes where everything goes.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .addSubcommand(new Demo())
        .addSubcommand(new Up())
        .addSubcommand(new Token())
        .addSubcommand(new ProducerCommand())
        .setExecutionExceptionHandler(Main::explain);
  }

  private static int explain(
      Exception e, CommandLine line, CommandLine.@Nullable ParseResult result) throws Exception {
    if (e instanceof StartException) {
      line.getErr().println("postern: " + e.getMessage());
      return 2;
    }
    throw e;
  }

  private static Path home() {
    return Path.of(System.getProperty("postern.home", ".")).resolve(".postern");
  }

  /** {@code ./postern demo}. */
  @Command(
      name = "demo",
      mixinStandardHelpOptions = true,
      description =
          "Take one machine in each cloud through a whole cycle; exit 0 only if all held.")
  static final class Demo implements Callable<Integer> {
    @Option(names = "--data", description = "keep the state in this directory")
    @Nullable Path data;

    @Option(names = "--json", description = "print JSON lines")
    boolean json;

    @Override
    public Integer call() throws Exception {
      Tracing.start("postern", System.getenv());
      Console console = Console.standard(json);
      Issuer issuer = Issuer.in(home());
      try (Quickstart quickstart =
          Quickstart.start(Ports.from(System.getenv()), Data.at(data), issuer, console)) {
        return new DemoRun(quickstart.clouds(), issuer, console).run() ? 0 : 1;
      }
    }
  }

  /** {@code ./postern up}. */
  @Command(
      name = "up",
      mixinStandardHelpOptions = true,
      description = "Start the whole system and leave it running.")
  static final class Up implements Callable<Integer> {
    @Option(names = "--data", description = "keep the state in this directory")
    @Nullable Path data;

    @Override
    public Integer call() throws Exception {
      Tracing.start("postern", System.getenv());
      Console console = Console.standard(false);
      Quickstart quickstart =
          Quickstart.start(Ports.from(System.getenv()), Data.at(data), Issuer.in(home()), console);
      Runtime.getRuntime().addShutdownHook(new Thread(quickstart::close, "shutdown"));
      console.say("\n" + quickstart.summary());
      new CountDownLatch(1).await();
      return 0;
    }
  }

  /** {@code ./postern token}. */
  @Command(
      name = "token",
      mixinStandardHelpOptions = true,
      description =
          "Print a bearer token of the quickstart's own issuer; the group admins may do everything.")
  static final class Token implements Callable<Integer> {
    @Parameters(paramLabel = "SUBJECT", description = "whom the token names")
    String subject = "";

    @Option(names = "--group", description = "a group of the subject; may be given several times")
    List<String> groups = List.of();

    @Override
    public Integer call() {
      Console.standard(false).say(Issuer.in(home()).token(subject, groups));
      return 0;
    }
  }
}
