package io.postern.platform.setup;

import io.postern.log.KafkaSettings;
import io.postern.log.RegistryException;
import io.postern.log.SchemaRegistry;
import io.postern.log.TopicAdmin;
import io.postern.log.Topics;
import io.postern.platform.Certificates;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern-setup topics}: topics, access control and schemas. */
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = "Create the topics, let each service at its own, and register the schemas.")
final class TopicsCommand implements Callable<Integer> {
  @Option(
      names = "--bootstrap",
      required = true,
      paramLabel = "HOST:PORT",
      description = "the broker")
  String bootstrap = "";

  @Option(
      names = "--registry",
      required = true,
      paramLabel = "URL",
      description = "base URL of the Confluent-compatible registry")
  String registry = "";

  @Option(
      names = "--tls",
      paramLabel = "DIR",
      description = "tls.pem and ca.pem of an administrator; without, no TLS and no access control")
  @Nullable Path tls;

  @Option(
      names = "--partitions",
      description = "partitions of each topic (unless told otherwise ${DEFAULT-VALUE})")
  int partitions = Topics.DEFAULT_PARTITIONS;

  @Option(names = "--replicas", description = "replicas (unless told otherwise ${DEFAULT-VALUE})")
  short replicas = 1;

  @Option(
      names = "--wait",
      description =
          "seconds to wait for broker and registry (unless told otherwise ${DEFAULT-VALUE})")
  int wait = 120;

  @Mixin AclsCommand.Outsiders outsiders = new AclsCommand.Outsiders();

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    KafkaSettings kafka =
        new KafkaSettings(bootstrap, tls == null ? Map.of() : Certificates.client(tls));
    try (Admin admin = admin(kafka)) {
      TopicAdmin.ensure(admin, partitions, replicas);
      outsiders.own.forEach(p -> TopicAdmin.ensureOwn(admin, p, partitions, replicas));
      System.out.println(Topics.ALL.size() + " topics are there");
      if (tls != null) {
        admin.createAcls(outsiders.acls()).all().get();
        System.out.println(outsiders.acls().size() + " access control entries are there");
        admin.alterClientQuotas(outsiders.quotas()).all().get();
        System.out.println(outsiders.quotas().size() + " producers have a quota");
      }
    }
    registerSchemas();
    System.out.println("the schemas are registered");
    return 0;
  }

  private Admin admin(KafkaSettings kafka) throws InterruptedException, ExecutionException {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(wait);
    while (true) {
      try {
        Admin admin = Admin.create(kafka.admin());
        try {
          admin.describeCluster().nodes().get(10, TimeUnit.SECONDS);
          return admin;
        } catch (java.util.concurrent.TimeoutException | ExecutionException e) {
          admin.close(java.time.Duration.ZERO);
          check(limit, "the broker at " + bootstrap + " does not answer: " + e.getMessage());
        }
      } catch (KafkaException e) {
        check(limit, "the broker at " + bootstrap + " cannot be used: " + e.getMessage());
      }
      TimeUnit.MILLISECONDS.sleep(250);
    }
  }

  private static void check(long limit, String why) {
    if (System.nanoTime() > limit) {
      throw new IllegalStateException(why);
    }
  }

  private void registerSchemas() throws InterruptedException {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(wait);
    SchemaRegistry client = new SchemaRegistry(List.of(registry), Optional.empty());
    while (true) {
      try {
        TopicAdmin.registerSchemas(client);
        TopicAdmin.registerSchemas(client, outsiders.own.stream().map(Topics::ofProducer).toList());
        return;
      } catch (RegistryException e) {
        if (e.status() >= 400 && e.status() < 500) {
          throw e;
        }
        check(limit, "the registry at " + registry + " does not answer: " + e.getMessage());
      }
      TimeUnit.MILLISECONDS.sleep(250);
    }
  }
}
