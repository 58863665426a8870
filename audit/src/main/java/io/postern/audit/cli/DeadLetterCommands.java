package io.postern.audit.cli;

import io.postern.audit.domain.LogRecord;
import io.postern.audit.log.DeadLetterBox;
import io.postern.audit.log.DeadLetterBox.Letter;
import io.postern.log.AvroFraming;
import io.postern.log.Headers;
import io.postern.log.PoisonException;
import io.postern.log.RegistryException;
import io.postern.log.Signer;
import io.postern.log.TrustStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code postern dead-letters}. */
@Command(
    name = "dead-letters",
    mixinStandardHelpOptions = true,
    description = "What services could not use, why, and how to have it tried again.",
    synopsisSubcommandLabel = "COMMAND")
final class DeadLetterCommands {
  private DeadLetterCommands() {}

  static DeadLetterCommands group() {
    return new DeadLetterCommands();
  }

  private static ObjectNode json(Letter letter) {
    return JsonMapper.shared()
        .createObjectNode()
        .put("id", letter.id())
        .put("at", Instant.ofEpochMilli(letter.record().timestamp()).toString())
        .put("reader", letter.reader())
        .put("reason", letter.header(Headers.DLT_REASON))
        .put("message", letter.header(Headers.DLT_MESSAGE))
        .put("topic", letter.topic())
        .put("partition", letter.header(Headers.DLT_PARTITION))
        .put("offset", letter.header(Headers.DLT_OFFSET))
        .put("type", letter.header(Headers.TYPE))
        .put("eventId", letter.header(Headers.ID))
        .put("subject", letter.header(Headers.SUBJECT));
  }

  /** {@code postern dead-letters list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List dead letters with their reasons.")
  static final class ListThem implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(
        arity = "0..1",
        paramLabel = "TOPIC",
        description = "of this topic, or dead-letter topic, only")
    @Nullable String topic;

    @Override
    public Integer call() {
      List<Letter> letters = new DeadLetterBox(session.kafka()).list(Optional.ofNullable(topic));
      for (Letter letter : letters) {
        session.say(
            session.json
                ? json(letter).toString()
                : "%s  %s  %s  %s: %s"
                    .formatted(
                        letter.id(),
                        Instant.ofEpochMilli(letter.record().timestamp()),
                        simple(letter.header(Headers.TYPE)),
                        letter.header(Headers.DLT_REASON),
                        letter.header(Headers.DLT_MESSAGE)));
      }
      if (letters.isEmpty() && !session.json) {
        session.say("no dead letters");
      }
      return 0;
    }

    private static String simple(String type) {
      return type.isEmpty() ? "?" : type.substring(type.lastIndexOf('.') + 1);
    }
  }

  /** {@code postern dead-letters show}. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Show a dead letter: why, whence, and what is in it.")
  static final class Show implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(paramLabel = "ID", description = "as list prints it")
    String id = "";

    @Override
    public Integer call() {
      Letter letter = new DeadLetterBox(session.kafka()).find(id);
      ObjectNode json = json(letter);
      byte[] key = letter.record().key();
      json.put("key", key == null ? null : new String(key, StandardCharsets.UTF_8));
      ObjectNode headers = json.putObject("headers");
      for (LogRecord.Header header : letter.record().headers()) {
        byte[] value = header.value();
        headers.put(
            header.name(), value == null ? null : new String(value, StandardCharsets.UTF_8));
      }
      json.put("event", event(letter));
      Optional<String> forbidden = DeadLetterBox.forbidden(letter);
      json.put(
          "replay",
          forbidden.orElseGet(
              () ->
                  DeadLetterBox.refusedAgain(letter, session.trust(), Instant.now())
                      .map(why -> "would be refused again: " + why)
                      .orElse("its signature holds now")));
      session.say(session.json ? json.toString() : json.toPrettyString());
      return 0;
    }

    private String event(Letter letter) {
      byte[] value = letter.record().value();
      if (value == null) {
        return "it has no value";
      }
      try {
        return new AvroFraming(session.registry(), false).decode(value).toString();
      } catch (PoisonException e) {
        return "cannot be read: " + e.reason() + ": " + e.getMessage();
      } catch (RegistryException e) {
        return "cannot be read: " + e.getMessage();
      }
    }
  }

  /** {@code postern dead-letters replay}. */
  @Command(
      name = "replay",
      mixinStandardHelpOptions = true,
      description =
          "Put dead letters back on the topic that they were on, as they were: once the cause is gone."
              + " Only for jit.requests and jit.policy-changes; every other topic has one writer.")
  static final class Replay implements Callable<Integer> {
    @Mixin Session session = new Session();

    @Parameters(arity = "0..*", paramLabel = "ID", description = "as list prints them")
    List<String> ids = List.of();

    @Option(names = "--all", paramLabel = "TOPIC", description = "all dead letters of this topic")
    @Nullable String all;

    @Option(
        names = "--reason",
        paramLabel = "REASON",
        description = "of --all, those with this reason only")
    @Nullable String reason;

    @Option(
        names = "--sign-with",
        paramLabel = "FILE",
        description =
            "replace the signature by one of this private JWK, which must be registered to speak for"
                + " the author: a door refuses signatures older than five minutes")
    @Nullable Path signWith;

    @Option(names = "--force", description = "also what would be refused again by its signature")
    boolean force;

    @Override
    public Integer call() throws InterruptedException {
      DeadLetterBox box = new DeadLetterBox(session.kafka());
      List<Letter> letters = chosen(box);
      Path key = signWith;
      Optional<Signer> signer = key == null ? Optional.empty() : Optional.of(Session.signer(key));
      for (Letter letter : letters) {
        refuse(letter, DeadLetterBox.forbidden(letter));
        if (signer.isEmpty() && !force) {
          TrustStore trust = session.trust();
          refuse(
              letter,
              DeadLetterBox.refusedAgain(letter, trust, Instant.now())
                  .map(why -> "would be refused again: " + why));
        }
      }
      box.replay(letters, signer, Instant.now());
      if (session.json) {
        letters.forEach(l -> session.say(json(l).toString()));
      } else {
        letters.forEach(l -> session.say(l.id() + " is on " + l.topic() + " again"));
      }
      return 0;
    }

    private static void refuse(Letter letter, Optional<String> why) {
      why.ifPresent(
          w -> {
            throw new CliException(
                CliException.FOUND, letter.id() + ": " + w + "; nothing was replayed");
          });
    }

    private List<Letter> chosen(DeadLetterBox box) {
      if ((all == null) == ids.isEmpty()) {
        throw new CliException(CliException.USAGE, "name the letters, or give --all TOPIC");
      }
      List<Letter> letters = new ArrayList<>();
      ids.forEach(id -> letters.add(box.find(id)));
      if (all != null) {
        box.list(Optional.of(all)).stream()
            .filter(l -> reason == null || l.header(Headers.DLT_REASON).equals(reason))
            .forEach(letters::add);
      }
      if (letters.isEmpty()) {
        throw new CliException(CliException.FOUND, "there are no such dead letters");
      }
      return letters;
    }
  }
}
