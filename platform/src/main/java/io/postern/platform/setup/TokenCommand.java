package io.postern.platform.setup;

import io.postern.platform.Issuer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code postern-setup token}: a bearer token of the issuer that {@code keys} made, for trials. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    description =
        "Print a bearer token of the issuer that `keys` made: for trials, not for people.")
final class TokenCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SUBJECT", description = "whom the token names")
  String subject = "";

  @Option(names = "--group", description = "a group of the subject; may be given several times")
  List<String> groups = List.of();

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "as of `keys`")
  Path out = Path.of("");

  @Override
  public Integer call() {
    System.out.println(Issuer.in(out.resolve("authority")).token(subject, groups));
    return 0;
  }
}
