package io.postern.platform.setup;

import io.postern.log.Acls;
import io.postern.log.ProducerQuota;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern-setup acls}: prints what {@code topics} applies. */
@Command(
    name = "acls",
    mixinStandardHelpOptions = true,
    description = "Print the catalogue's access control lists as options of kafka-acls.sh.")
final class AclsCommand implements Callable<Integer> {

  /** Bots and onlookers beside the services. */
  static final class Outsiders {
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

    @Option(
        names = "--follower",
        paramLabel = "NAME",
        description = "a program that is told all that happens, for a SIEM, and writes nothing")
    List<String> followers = List.of();

    @Option(
        names = "--producer-bytes",
        paramLabel = "N",
        description =
            "bytes a second that each of these bots may write (unless told otherwise"
                + " ${DEFAULT-VALUE})")
    double bytesPerSecond = ProducerQuota.DEFAULT.bytesPerSecond();

    /** All that write. */
    Set<String> producers() {
      Set<String> names = new TreeSet<>(own);
      names.addAll(signing);
      return names;
    }

    /** What the broker is to hold each of them to. */
    List<ClientQuotaAlteration> quotas() {
      ProducerQuota quota =
          new ProducerQuota(bytesPerSecond, ProducerQuota.DEFAULT.requestPercent());
      return producers().stream().map(quota::of).toList();
    }

    /** What they and all services need. */
    List<AclBinding> acls() {
      List<AclBinding> acls = new ArrayList<>(Acls.all());
      own.forEach(p -> acls.addAll(Acls.ofProducer(p)));
      signing.forEach(p -> acls.addAll(Acls.ofSigningProducer(p)));
      followers.forEach(f -> acls.addAll(Acls.ofFollower(f, own)));
      return acls;
    }
  }

  @Mixin Outsiders outsiders = new Outsiders();

  @Override
  public Integer call() {
    outsiders.acls().forEach(acl -> System.out.println(Acls.asCommand(acl)));
    return 0;
  }
}
