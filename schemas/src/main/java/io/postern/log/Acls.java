package io.postern.log;

import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.PatternType.LITERAL;
import static org.apache.kafka.common.resource.PatternType.PREFIXED;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * What the catalogue of topics comes to as Kafka's access control lists: each service is a
 * principal of its own ({@code User:<service>}) that reads and writes what the catalogue says, and
 * nothing else. Everything that is not allowed is refused.
 */
public final class Acls {
  /** Name of the stream of decisions, which Kafka puts before all that belongs to it. */
  public static final String DECISION_STREAM = Topics.POLICY_SERVICE + "-decision";

  private static final String ANY_HOST = "*";

  private Acls() {}

  /** The topics that a service writes; the two doors from outside are request-service's. */
  public static List<Topic> written(String service) {
    return Topics.ALL.stream()
        .filter(
            t ->
                Topics.isWriter(t, service)
                    || (service.equals(Topics.REQUEST_SERVICE) && isDoor(t)))
        .toList();
  }

  /** The topics that a service reads. */
  public static List<Topic> read(String service) {
    return Topics.ALL.stream().filter(t -> t.readers().contains(service)).toList();
  }

  private static boolean isDoor(Topic topic) {
    return topic.writer().equals(Topics.ANYONE);
  }

  /**
   * What a service needs.
   *
   * @throws IllegalArgumentException when there is no such service
   */
  public static List<AclBinding> ofService(String service) {
    if (!Topics.SERVICES.contains(service)) {
      throw new IllegalArgumentException("no service is named " + service);
    }
    List<AclBinding> acls = new ArrayList<>();
    for (Topic topic : written(service)) {
      acls.add(allow(service, TOPIC, topic.name(), LITERAL, WRITE));
    }
    for (Topic topic : read(service)) {
      acls.add(allow(service, TOPIC, topic.name(), LITERAL, READ));
      acls.add(allow(service, TOPIC, topic.deadLetter(service), LITERAL, WRITE));
    }
    acls.add(allow(service, GROUP, service, PREFIXED, READ));
    acls.addAll(particular(service));
    return List.copyOf(acls);
  }

  private static List<AclBinding> particular(String service) {
    return switch (service) {
      case Topics.POLICY_SERVICE ->
          List.of(
              // Changelogs of its own, which Kafka Streams creates.
              allow(service, TOPIC, DECISION_STREAM + "-", PREFIXED, CREATE),
              allow(service, TOPIC, DECISION_STREAM + "-", PREFIXED, READ),
              allow(service, TOPIC, DECISION_STREAM + "-", PREFIXED, WRITE),
              allow(service, TRANSACTIONAL_ID, DECISION_STREAM + "-", PREFIXED, WRITE));
      case Topics.EXPIRY_SERVICE -> {
        // Where it asks the broker for the time.
        String clock = Topics.EXPIRATIONS.name() + "." + service + "-clock";
        yield List.of(
            allow(service, TOPIC, clock, LITERAL, CREATE),
            allow(service, TOPIC, clock, LITERAL, WRITE));
      }
      case Topics.AUDIT ->
          List.of(allow(service, TRANSACTIONAL_ID, "postern-audit", LITERAL, WRITE));
      default -> List.of();
    };
  }

  /**
   * What a producer with a topic of its own needs: nobody else may write there, it may write
   * nowhere else, and it reads the answers. The services that read requests may read the topic.
   *
   * @throws IllegalArgumentException when it is not a producer's name
   */
  public static List<AclBinding> ofProducer(String producer) {
    Topic own = Topics.ofProducer(producer);
    List<AclBinding> acls = new ArrayList<>();
    acls.add(allow(producer, TOPIC, own.name(), LITERAL, WRITE));
    acls.addAll(answers(producer));
    own.readers().forEach(r -> acls.add(allow(r, TOPIC, own.name(), LITERAL, READ)));
    return List.copyOf(acls);
  }

  private static List<AclBinding> answers(String producer) {
    List<AclBinding> acls = new ArrayList<>();
    Stream.of(Topics.DECISIONS, Topics.EXPIRATIONS, Topics.ENFORCEMENT, Topics.MACHINES)
        .map(Topic::name)
        .forEach(t -> acls.add(allow(producer, TOPIC, t, LITERAL, READ)));
    // Where it learns that it was not believed, and why.
    String refused = Topics.REQUESTS.deadLetter(Topics.POLICY_SERVICE);
    acls.add(allow(producer, TOPIC, refused, LITERAL, READ));
    acls.add(allow(producer, GROUP, producer, PREFIXED, READ));
    return acls;
  }

  /**
   * What a producer needs that signs what it puts on the shared {@code jit.requests}, where nothing
   * is believed before its signature is.
   */
  public static List<AclBinding> ofSigningProducer(String producer) {
    List<AclBinding> acls = new ArrayList<>();
    acls.add(allow(Topics.outsider(producer), TOPIC, Topics.REQUESTS.name(), LITERAL, WRITE));
    acls.addAll(answers(producer));
    return List.copyOf(acls);
  }

  /**
   * What a program needs that is told all that happens, such as one that feeds a SIEM: it reads, in
   * groups that begin with its name, and writes nothing.
   *
   * @param producers whose own topics it reads too
   */
  public static List<AclBinding> ofFollower(String follower, List<String> producers) {
    List<AclBinding> acls = new ArrayList<>();
    Stream.of(
            Topics.TOLD.stream(),
            Stream.of(Topics.MACHINES),
            producers.stream().map(Topics::ofProducer))
        .flatMap(topics -> topics)
        .forEach(t -> acls.add(allow(Topics.outsider(follower), TOPIC, t.name(), LITERAL, READ)));
    acls.add(allow(follower, GROUP, follower, PREFIXED, READ));
    return List.copyOf(acls);
  }

  /** Everything that every service needs. */
  public static List<AclBinding> all() {
    return Topics.SERVICES.stream().flatMap(s -> ofService(s).stream()).toList();
  }

  private static AclBinding allow(
      String principal, ResourceType type, String name, PatternType pattern, AclOperation op) {
    return new AclBinding(
        new ResourcePattern(type, name, pattern),
        new AccessControlEntry("User:" + principal, ANY_HOST, op, AclPermissionType.ALLOW));
  }

  /** The same as an option list for Kafka's own {@code kafka-acls.sh --add}. */
  public static String asCommand(AclBinding acl) {
    ResourcePattern what = acl.pattern();
    String type =
        switch (what.resourceType()) {
          case GROUP -> "--group";
          case TRANSACTIONAL_ID -> "--transactional-id";
          default -> "--topic";
        };
    return "--add --allow-principal %s --operation %s %s %s --resource-pattern-type %s"
        .formatted(
            acl.entry().principal(),
            word(acl.entry().operation()),
            type,
            what.name(),
            what.patternType().name().toLowerCase(java.util.Locale.ROOT));
  }

  private static String word(AclOperation op) {
    String name = op.name();
    return name.charAt(0) + name.substring(1).toLowerCase(java.util.Locale.ROOT);
  }
}
