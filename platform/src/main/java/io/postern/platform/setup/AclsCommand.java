package io.postern.platform.setup;

import io.postern.log.Acls;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.acl.AclBinding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern-setup acls}: prints what {@code topics} applies. */
@Command(
    name = "acls",
    mixinStandardHelpOptions = true,
    description = "Print the catalogue's access control lists as options of kafka-acls.sh.")
final class AclsCommand implements Callable<Integer> {

  /** Bots beside the services. */
  static final class Producers {
    @Option(
        names = "--producer",
        paramLabel = "NAME",
        description = "a bot that may write jit.requests.NAME and nothing else")
    List<String> own = List.of();

    @Option(
        names = "--signing-producer",
        paramLabel = "NAME",
        description = "a bot that signs what it writes to jit.requests")
    List<String> signing = List.of();

    /** What they and all services need. */
    List<AclBinding> acls() {
      List<AclBinding> acls = new ArrayList<>(Acls.all());
      own.forEach(p -> acls.addAll(Acls.ofProducer(p)));
      signing.forEach(p -> acls.addAll(Acls.ofSigningProducer(p)));
      return acls;
    }
  }

  @Mixin Producers producers = new Producers();

  @Override
  public Integer call() {
    producers.acls().forEach(acl -> System.out.println(Acls.asCommand(acl)));
    return 0;
  }
}
