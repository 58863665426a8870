package io.postern.platform;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.network.SocketServerConfigs;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.config.KRaftConfigs;

/**
 * A real Kafka broker (KRaft, one node) in this JVM, on 127.0.0.1. Its directory may be one that an
 * earlier broker left behind, killed or not: the data is kept.
 */
public final class EmbeddedBroker implements Broker {
  private static final int LOWEST_PORT = 20_000;
  private static final int HIGHEST_PORT = 32_768;
  private static final int PORTS_TRIED = 10_000;
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private static final int NODE = 1;
  private static final String CLUSTER_ID = "cG9zdGVybi1lbWJlZA";

  private final KafkaRaftServer server;
  private final int port;

  private EmbeddedBroker(KafkaRaftServer server, int port) {
    this.server = server;
    this.port = port;
  }

  /**
   * Starts a broker.
   *
   * @param directory where it keeps its data; created when it is missing
   * @param port port on 127.0.0.1; 0 for any free one
   */
  public static EmbeddedBroker start(Path directory, int port) {
    return start(directory, port, Map.of());
  }

  /**
   * Starts a broker that lets nobody in without a certificate of the authority, and lets each
   * principal do only what an access control list allows; {@code User:admin} may do everything.
   *
   * @param certificate directory of the broker's own {@code tls.pem} and {@code ca.pem}
   */
  public static EmbeddedBroker startSecured(Path directory, int port, Path certificate) {
    Map<String, String> secured =
        Map.of(
            SocketServerConfigs.LISTENER_SECURITY_PROTOCOL_MAP_CONFIG,
            "PLAINTEXT:SSL,CONTROLLER:SSL",
            "ssl.keystore.type",
            "PEM",
            "ssl.keystore.location",
            certificate.resolve("tls.pem").toString(),
            "ssl.truststore.type",
            "PEM",
            "ssl.truststore.location",
            certificate.resolve("ca.pem").toString(),
            "ssl.client.auth",
            "required",
            "ssl.principal.mapping.rules",
            "RULE:^CN=([^,]+).*$/$1/,DEFAULT",
            "authorizer.class.name",
            "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users",
            "User:kafka;User:admin");
    return start(directory, port, secured);
  }

  private static EmbeddedBroker start(Path directory, int port, Map<String, String> further) {
    int listener = port == 0 ? freePort() : port;
    // Of a range that nobody else chooses from: the ports of the other parts may not be bound yet.
    int controller = freePort(LOWEST_PORT - 4_000, LOWEST_PORT);
    Path data = directory.toAbsolutePath();
    try {
      Files.createDirectories(data);
      if (!Files.exists(data.resolve(MetaPropertiesEnsemble.META_PROPERTIES_NAME))) {
        format(data);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare the broker's directory " + data, e);
    } catch (Exception e) {
      throw new IllegalStateException("cannot format the broker's directory " + data, e);
    }
    Properties properties = properties(data, listener, controller);
    properties.putAll(further);
    KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
    server.startup();
    return new EmbeddedBroker(server, listener);
  }

  private static void format(Path data) throws Exception {
    Formatter formatter = new Formatter();
    formatter.setClusterId(CLUSTER_ID);
    formatter.setNodeId(NODE);
    formatter.addDirectory(data.toString());
    formatter.setControllerListenerName("CONTROLLER");
    formatter.setReleaseVersion(MetadataVersion.latestProduction());
    formatter.setMetadataLogDirectory(data.toString());
    formatter.setIgnoreFormatted(true);
    formatter.setPrintStream(
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    formatter.run();
  }

  private static Properties properties(Path data, int listener, int controller) {
    Properties p = new Properties();
    p.put(KRaftConfigs.PROCESS_ROLES_CONFIG, "broker,controller");
    p.put(KRaftConfigs.NODE_ID_CONFIG, Integer.toString(NODE));
    p.put(QuorumConfig.QUORUM_VOTERS_CONFIG, NODE + "@127.0.0.1:" + controller);
    p.put(KRaftConfigs.CONTROLLER_LISTENER_NAMES_CONFIG, "CONTROLLER");
    p.put(
        SocketServerConfigs.LISTENERS_CONFIG,
        "PLAINTEXT://127.0.0.1:" + listener + ",CONTROLLER://127.0.0.1:" + controller);
    p.put(SocketServerConfigs.ADVERTISED_LISTENERS_CONFIG, "PLAINTEXT://127.0.0.1:" + listener);
    p.put(
        SocketServerConfigs.LISTENER_SECURITY_PROTOCOL_MAP_CONFIG,
        "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("log.dirs", data.toString());
    p.put("auto.create.topics.enable", "false");
    // One node: nothing can have more than one replica, and few partitions keep the start short.
    p.put("offsets.topic.replication.factor", "1");
    p.put("offsets.topic.num.partitions", "4");
    p.put("transaction.state.log.replication.factor", "1");
    p.put("transaction.state.log.min.isr", "1");
    p.put("transaction.state.log.num.partitions", "4");
    p.put("share.coordinator.state.topic.replication.factor", "1");
    p.put("share.coordinator.state.topic.min.isr", "1");
    p.put("share.coordinator.state.topic.num.partitions", "1");
    // A transaction that begins while the broker still completes the last one waits for so long.
    p.put("add.partitions.to.txn.retry.backoff.ms", "1");
    p.put("group.initial.rebalance.delay.ms", "0");
    p.put("log.cleaner.dedupe.buffer.size", "4194304");
    // After a kill the controller takes the broker back only when the session of its former life is
    // over; by default that, and asking again, cost 10 s of every start.
    p.put("broker.session.timeout.ms", "5000");
    p.put("broker.heartbeat.interval.ms", "500");
    p.put("num.network.threads", "2");
    p.put("num.io.threads", "4");
    p.put("background.threads", "2");
    return p;
  }

  /**
   * A port on 127.0.0.1 that was free a moment ago, and that this process is given once. It lies
   * below those that systems hand out by themselves, so that neither a client's connection nor
   * somebody's own search for a free port takes it before it is used.
   *
   * @throws IllegalStateException when none is free
   */
  public static int freePort() {
    return freePort(LOWEST_PORT, HIGHEST_PORT);
  }

  private static int freePort(int from, int below) {
    for (int i = 0; i < PORTS_TRIED; i++) {
      int port = ThreadLocalRandom.current().nextInt(from, below);
      if (GIVEN.add(port) && isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port from %d to %d".formatted(from, below - 1));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /** A name for a cluster or a member that nobody else has. */
  public static String uniqueName(String prefix) {
    return prefix + "-" + Uuid.randomUuid();
  }

  @Override
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }
}
