package io.postern.log;

import static io.postern.log.Topic.Cleanup.COMPACT;
import static io.postern.log.Topic.Cleanup.DELETE;
import static io.postern.log.Topic.PartitionedBy.KEY;
import static io.postern.log.Topic.PartitionedBy.SCOPE;

import io.postern.event.AccessClosed;
import io.postern.event.AccessDenied;
import io.postern.event.AccessExpired;
import io.postern.event.AccessExpiring;
import io.postern.event.AccessExtended;
import io.postern.event.AccessGranted;
import io.postern.event.AccessOpened;
import io.postern.event.AccessRevoked;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalRefused;
import io.postern.event.ApprovalRequested;
import io.postern.event.ApprovalVetted;
import io.postern.event.BreakGlassReviewed;
import io.postern.event.BreakGlassUsed;
import io.postern.event.Checkpoint;
import io.postern.event.DriftDetected;
import io.postern.event.EnforcementFailed;
import io.postern.event.ExtensionRequested;
import io.postern.event.ExtensionVetted;
import io.postern.event.JitPolicy;
import io.postern.event.Lease;
import io.postern.event.LockdownApplied;
import io.postern.event.LockdownLifted;
import io.postern.event.MachineAssessed;
import io.postern.event.PartSettled;
import io.postern.event.PartVoted;
import io.postern.event.PlanComputed;
import io.postern.event.PlanRequested;
import io.postern.event.PolicyDeleted;
import io.postern.event.PolicyPut;
import io.postern.event.RequestSubmitted;
import io.postern.event.RequestVetted;
import io.postern.event.RestorePoint;
import io.postern.event.ReviewGiven;
import io.postern.event.ReviewVetted;
import io.postern.event.RevocationRequested;
import io.postern.event.RevocationVetted;
import io.postern.event.WishRefused;
import io.postern.model.Scope;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.Utils;

/** The catalogue of topics: every service creates or verifies its topics from it. */
public final class Topics {
  public static final String REQUEST_SERVICE = "request-service";
  public static final String POLICY_SERVICE = "policy-service";
  public static final String EXPIRY_SERVICE = "expiry-service";
  public static final String AZURE_ENFORCER = "azure-enforcer";
  public static final String AWS_ENFORCER = "aws-enforcer";
  public static final String AUDIT = "audit";
  public static final String ANYONE = "anyone";
  private static final String ENFORCERS = AZURE_ENFORCER + "," + AWS_ENFORCER;

  /** Every service, each a principal of its name. */
  public static final List<String> SERVICES =
      List.of(REQUEST_SERVICE, POLICY_SERVICE, EXPIRY_SERVICE, AZURE_ENFORCER, AWS_ENFORCER, AUDIT);

  private static final Pattern OUTSIDER = Pattern.compile("[a-z0-9-]{1,63}");
  private static final String OWN = "jit.requests.";

  /**
   * Partitions of each topic unless an operator says otherwise; all topics have the same number.
   */
  public static final int DEFAULT_PARTITIONS = 12;

  public static final Topic REQUESTS =
      new Topic(
          "jit.requests",
          "request id",
          KEY,
          DELETE,
          ANYONE,
          List.of(POLICY_SERVICE, REQUEST_SERVICE, AUDIT),
          List.of(
              RequestSubmitted.class,
              ApprovalGiven.class,
              ApprovalRefused.class,
              RevocationRequested.class,
              ExtensionRequested.class,
              ReviewGiven.class));

  public static final Topic VETTED =
      new Topic(
          "jit.vetted",
          "machine id",
          SCOPE,
          DELETE,
          POLICY_SERVICE,
          List.of(POLICY_SERVICE, AUDIT),
          List.of(
              RequestVetted.class,
              RevocationVetted.class,
              ApprovalVetted.class,
              ExtensionVetted.class,
              ReviewVetted.class,
              PartVoted.class,
              PartSettled.class));

  public static final Topic DECISIONS =
      new Topic(
          "jit.decisions",
          "scope",
          SCOPE,
          DELETE,
          POLICY_SERVICE,
          List.of(REQUEST_SERVICE, POLICY_SERVICE, AZURE_ENFORCER, AWS_ENFORCER, AUDIT),
          List.of(
              AccessGranted.class,
              AccessDenied.class,
              ApprovalRequested.class,
              AccessRevoked.class,
              AccessExtended.class,
              WishRefused.class,
              BreakGlassUsed.class,
              BreakGlassReviewed.class,
              PlanRequested.class));

  public static final Topic LEASES =
      new Topic(
          "jit.leases",
          "scope/grant id",
          SCOPE,
          COMPACT,
          POLICY_SERVICE,
          List.of(POLICY_SERVICE, AZURE_ENFORCER, AWS_ENFORCER, EXPIRY_SERVICE),
          List.of(Lease.class));

  public static final Topic EXPIRATIONS =
      new Topic(
          "jit.expirations",
          "scope",
          SCOPE,
          DELETE,
          EXPIRY_SERVICE,
          List.of(
              POLICY_SERVICE, EXPIRY_SERVICE, REQUEST_SERVICE, AZURE_ENFORCER, AWS_ENFORCER, AUDIT),
          List.of(AccessExpired.class, AccessExpiring.class));

  public static final Topic ENFORCEMENT =
      new Topic(
          "jit.enforcement",
          "scope",
          SCOPE,
          DELETE,
          ENFORCERS,
          List.of(POLICY_SERVICE, REQUEST_SERVICE, AUDIT),
          List.of(
              AccessOpened.class,
              AccessClosed.class,
              EnforcementFailed.class,
              LockdownApplied.class,
              LockdownLifted.class,
              DriftDetected.class,
              PlanComputed.class));

  public static final Topic POLICIES =
      new Topic(
          "jit.policies",
          "policy id",
          KEY,
          COMPACT,
          POLICY_SERVICE,
          List.of(POLICY_SERVICE, REQUEST_SERVICE, AZURE_ENFORCER, AWS_ENFORCER),
          List.of(JitPolicy.class));

  public static final Topic POLICY_CHANGES =
      new Topic(
          "jit.policy-changes",
          "policy id",
          KEY,
          DELETE,
          ANYONE,
          List.of(POLICY_SERVICE, AUDIT),
          List.of(PolicyPut.class, PolicyDeleted.class));

  public static final Topic MACHINES =
      new Topic(
          "jit.machines",
          "machine id",
          SCOPE,
          COMPACT,
          ENFORCERS,
          List.of(POLICY_SERVICE, REQUEST_SERVICE),
          List.of(MachineAssessed.class));

  public static final Topic RESTORE_POINTS =
      new Topic(
          "jit.restore-points",
          "rule set id",
          SCOPE,
          COMPACT,
          ENFORCERS,
          List.of(AZURE_ENFORCER, AWS_ENFORCER),
          List.of(RestorePoint.class));

  public static final Topic CHECKPOINTS =
      new Topic(
          "jit.checkpoints",
          "topic and partition",
          KEY,
          DELETE,
          AUDIT,
          List.of(AUDIT),
          List.of(Checkpoint.class));

  /** Every topic, in the order of the design. */
  public static final List<Topic> ALL =
      List.of(
          REQUESTS,
          VETTED,
          DECISIONS,
          LEASES,
          EXPIRATIONS,
          ENFORCEMENT,
          POLICIES,
          POLICY_CHANGES,
          MACHINES,
          RESTORE_POINTS,
          CHECKPOINTS);

  /** What is told to whoever follows all that happens; what is vetted is in the decisions, too. */
  public static final List<Topic> TOLD =
      List.of(REQUESTS, DECISIONS, EXPIRATIONS, ENFORCEMENT, POLICY_CHANGES);

  private Topics() {}

  /**
   * The names of {@link #TOLD} and of producers' own topics, of which a subscription finds those
   * that are there and may be read.
   */
  public static Pattern told() {
    return Pattern.compile(
        TOLD.stream().map(t -> Pattern.quote(t.name())).collect(Collectors.joining("|"))
            + "|"
            + Pattern.quote(OWN)
            + OUTSIDER.pattern()
            + "(?<!-dlt)");
  }

  /** The partition of everything that belongs to a scope, on each topic partitioned by scope. */
  public static int partition(Scope scope, int partitions) {
    return Utils.toPositive(Utils.murmur2(Utils.utf8(scope.value()))) % partitions;
  }

  /**
   * The topic of a name, a producer's own included.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Topic byName(String name) {
    for (Topic each : ALL) {
      if (each.name().equals(name)) {
        return each;
      }
    }
    return ownByName(name)
        .orElseThrow(() -> new IllegalArgumentException("no topic is named " + name));
  }

  /**
   * The topic on which a producer alone may write: like {@link #REQUESTS}, but that its name says
   * who speaks.
   *
   * @throws IllegalArgumentException when it is not a producer's name
   */
  public static Topic ofProducer(String producer) {
    return own(outsider(producer));
  }

  /**
   * The name of a principal that is no service. Since it may join groups that begin with its name,
   * no service's begins with it; and no topic of its own is somebody's dead letters.
   *
   * @throws IllegalArgumentException when it is not such a name
   */
  public static String outsider(String name) {
    if (!isOutsider(name)) {
      throw new IllegalArgumentException(
          "a producer's or follower's name must be 1 to 63 lower-case letters, digits and dashes,"
              + " no beginning of a service's, and not end in -dlt, unlike "
              + name);
    }
    return name;
  }

  private static boolean isOutsider(String name) {
    return OUTSIDER.matcher(name).matches()
        && !name.endsWith("-dlt")
        && SERVICES.stream().noneMatch(s -> s.startsWith(name));
  }

  /** Of topics that a broker has, those that are a producer's own, by name. */
  public static List<Topic> producersOwn(Collection<String> names) {
    return names.stream().sorted().flatMap(n -> ownByName(n).stream()).toList();
  }

  private static Optional<Topic> ownByName(String name) {
    return Optional.of(name)
        .filter(n -> n.startsWith(OWN))
        .map(n -> n.substring(OWN.length()))
        .filter(Topics::isOutsider)
        .map(Topics::own);
  }

  private static Topic own(String producer) {
    return new Topic(
        OWN + producer,
        REQUESTS.key(),
        REQUESTS.partitionedBy(),
        REQUESTS.cleanup(),
        producer,
        REQUESTS.readers(),
        REQUESTS.events(),
        REQUESTS.name());
  }

  /** Whether the service is the topic's writer, or one of them. */
  public static boolean isWriter(Topic topic, String service) {
    return topic.writer().equals(service)
        || List.of(topic.writer().split(",", -1)).contains(service);
  }
}
