package io.postern.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.audit.Commands.Ran;
import io.postern.audit.Siem.Delivery;
import io.postern.audit.log.Follower;
import io.postern.audit.siem.Collector;
import io.postern.audit.story.Told;
import io.postern.log.KafkaSettings;
import io.postern.log.SchemaRegistry;
import io.postern.log.TrustStore;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * A follower whose collector is away for long, whose group changes meanwhile, and that is killed.
 */
class FollowerIT {
  private static final Platform PLATFORM = SharedPlatform.get();
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration TAKEN_FOR_DEAD = Duration.ofSeconds(1);
  @TempDir static Path directory;

  private static Follower follower(String group, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(PLATFORM.kafka().extra());
    all.putAll(settings);
    return new Follower(
        new KafkaSettings(PLATFORM.kafka().bootstrapServers(), all),
        group,
        TrustStore.load(PLATFORM.keys().trust()),
        new SchemaRegistry(List.of(PLATFORM.registryUrl()), Optional.empty()),
        Duration.ofMillis(100));
  }

  private static String line(Told told) {
    return told.place() + "@" + told.offset();
  }

  private static List<String> lines(Map<String, RecordMetadata> places) {
    return places.values().stream().map(FollowerIT::line).toList();
  }

  private static String line(RecordMetadata place) {
    return place.topic() + "/" + place.partition() + "@" + place.offset();
  }

  private static Map<TopicPartition, OffsetAndMetadata> committed(String group) {
    try (Admin admin = Admin.create(PLATFORM.kafka().admin())) {
      return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    } catch (Exception e) {
      throw new AssertionError("the group's place cannot be read", e);
    }
  }

  /**
   * Each partition's lines stand in its order; a line that comes again counts where it first came.
   */
  private static void assertOrderOfEachPartition(List<String> lines) {
    Map<String, Long> last = new HashMap<>();
    for (String line : new LinkedHashSet<>(lines)) {
      String[] parts = line.split("@", 2);
      long offset = Long.parseLong(parts[1]);
      assertThat(last.getOrDefault(parts[0], -1L)).as(line).isLessThan(offset);
      last.put(parts[0], offset);
    }
  }

  @Test
  void aCollectorThatIsAwayForLongerThanKafkaWaitsMissesAndDoublesNothing() throws Exception {
    String group = "siem-away";
    List<String> happened = lines(Revocations.happen(PLATFORM, 300));
    AtomicLong first = new AtomicLong();
    List<Map<TopicPartition, OffsetAndMetadata>> notedWhileAway = new CopyOnWriteArrayList<>();
    try (Siem siem =
            new Siem(
                n -> {
                  first.compareAndSet(0, System.nanoTime());
                  if (System.nanoTime() - first.get() < 3 * TAKEN_FOR_DEAD.toNanos()) {
                    notedWhileAway.add(committed(group));
                    return 503;
                  }
                  return 200;
                });
        Follower follower =
            follower(
                group,
                Map.of(
                    "max.poll.interval.ms",
                    Long.toString(TAKEN_FOR_DEAD.toMillis()),
                    "max.poll.records",
                    "50"))) {
      follower.follow(
          Collector.to(siem.url(), Map.of()), FollowerIT::line, Optional.of(Duration.ofSeconds(1)));

      assertThat(notedWhileAway).hasSizeGreaterThan(1).allSatisfy(m -> assertThat(m).isEmpty());
      List<Delivery> deliveries = siem.deliveries();
      assertThat(deliveries.subList(0, notedWhileAway.size() + 1))
          .as("the same again until they are taken")
          .extracting(Delivery::lines)
          .containsOnly(deliveries.getFirst().lines());
      assertThat(siem.taken()).doesNotHaveDuplicates().containsAll(happened);
      assertOrderOfEachPartition(siem.taken());
    }
    Map<TopicPartition, OffsetAndMetadata> noted = committed(group);
    for (String line : happened) {
      String[] parts = line.split("[/@]", 3);
      TopicPartition partition = new TopicPartition(parts[0], Integer.parseInt(parts[1]));
      assertThat(noted.get(partition).offset()).isGreaterThan(Long.parseLong(parts[2]));
    }
  }

  @Test
  void aBatchThatWaitsIsLeftToWhoeverGetsItsPartitions() throws Exception {
    String group = "siem-shared";
    List<String> happened = new ArrayList<>(lines(Revocations.happen(PLATFORM, 200)));
    AtomicBoolean back = new AtomicBoolean();
    Map<String, String> small = Map.of("max.poll.records", "20");
    try (Siem siem = new Siem(n -> back.get() ? 200 : 503);
        Follower one = follower(group, small);
        Follower other = follower(group, small)) {
      Collector collector = Collector.to(siem.url(), Map.of());
      CompletableFuture<Void> first = inBackground(one, collector);
      await().atMost(SOON).until(() -> !siem.deliveries().isEmpty());
      CompletableFuture<Void> second = inBackground(other, collector);
      await().atMost(SOON).until(() -> sharedByTwo(group));
      assertThat(siem.taken()).isEmpty();

      happened.addAll(lines(Revocations.happen(PLATFORM, 50)));
      back.set(true);
      await().atMost(SOON).until(() -> siem.taken().containsAll(happened));
      one.stop();
      other.stop();
      CompletableFuture.allOf(first, second).get();
      assertThat(siem.taken()).doesNotHaveDuplicates();
      assertOrderOfEachPartition(siem.taken());
    }
  }

  private static CompletableFuture<Void> inBackground(Follower follower, Collector collector) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            follower.follow(collector, FollowerIT::line, Optional.empty());
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> Thread.ofPlatform().daemon().start(task));
  }

  private static boolean sharedByTwo(String group) throws Exception {
    try (Admin admin = Admin.create(PLATFORM.kafka().admin())) {
      ConsumerGroupDescription now =
          admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get();
      return now.groupState() == GroupState.STABLE
          && now.members().size() == 2
          && now.members().stream().noneMatch(m -> m.assignment().topicPartitions().isEmpty());
    }
  }

  @Test
  void whatAKilledFollowerHadInHandComesAgainAndNothingIsMissing() throws Exception {
    Map<String, RecordMetadata> happened = Revocations.happen(PLATFORM, 300);
    Path settings = directory.resolve("kafka.properties");
    Files.writeString(settings, "max.poll.records=20\n");
    int killedAt = 5;
    AtomicReference<Process> follower = new AtomicReference<>();
    try (Siem siem =
        new Siem(
            n -> {
              if (n == killedAt) {
                kill(follower.get());
              }
              return 200;
            })) {
      String[] follow = {
        "audit",
        "follow",
        "--group",
        "siem-killed",
        "--kafka-config",
        settings.toString(),
        "--to",
        siem.url().toString(),
        "--until-idle",
        "PT2S"
      };
      follower.set(Commands.start(PLATFORM, directory.resolve("killed.log"), follow));
      assertThat(follower.get().waitFor()).as("ended by SIGKILL").isEqualTo(137);
      await().atMost(SOON).until(() -> siem.deliveries().size() == killedAt + 1);
      List<String> inHand = siem.deliveries().getLast().lines();
      assertThat(uids(siem.taken()).containsAll(happened.keySet())).as("all by then").isFalse();

      Ran next = Commands.run(PLATFORM, follow);
      assertThat(next.exitCode()).as(next.err()).isZero();
      List<String> after =
          siem.deliveries().stream().skip(killedAt + 1).flatMap(d -> d.lines().stream()).toList();
      assertThat(after).as("what was not confirmed").containsAll(inHand);
      List<String> uids = uids(siem.taken());
      assertThat(uids).containsAll(happened.keySet());
      assertOrderOfEachPartition(
          uids.stream().filter(happened::containsKey).map(u -> line(happened.get(u))).toList());
    }
  }

  private static void kill(Process process) {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> uids(List<String> lines) {
    return lines.stream()
        .map(l -> JsonMapper.shared().readTree(l).path("metadata").path("uid").asString(""))
        .toList();
  }
}
