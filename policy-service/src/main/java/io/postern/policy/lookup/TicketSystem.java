package io.postern.policy.lookup;

import com.fasterxml.jackson.core.JsonPointer;
import io.postern.policy.domain.Finding;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Looks up tickets with one GET. Only the operator says where; a ticket is one encoded part of the
 * path or the query.
 */
public final class TicketSystem implements AutoCloseable {
  private static final String TICKET = "{ticket}";
  private static final int LONGEST = 100;

  /**
   * What an operator sets.
   *
   * @param url where a ticket is, with <code>{ticket}</code> in its path or query
   * @param statePointer JSON Pointer to the ticket's state; empty when an answer is enough
   * @param openStates states in which the ticket counts
   * @param authorizationFile file of what the header Authorization says
   * @param timeout longest time of one call
   */
  public record Settings(
      String url,
      Optional<String> statePointer,
      Set<String> openStates,
      Optional<Path> authorizationFile,
      Duration timeout) {
    public Settings {
      openStates = Set.copyOf(openStates);
      String before = url.contains(TICKET) ? url.substring(0, url.indexOf(TICKET)) : "";
      URI base = URI.create(before.isEmpty() ? "x" : before + "x");
      boolean http = "https".equals(base.getScheme()) || "http".equals(base.getScheme());
      if (!http || base.getRawPath() == null || base.getRawPath().isEmpty()) {
        throw new IllegalArgumentException(
            "postern.ticket.url: must be http(s) with {ticket} in its path or query, not " + url);
      }
      if (statePointer.isPresent() && openStates.isEmpty()) {
        throw new IllegalArgumentException(
            "postern.ticket.open-states: must name a state where state-pointer is set");
      }
    }
  }

  private final Settings settings;
  private final HttpCalls http;
  private final BoundedLookup<String> lookup;

  public TicketSystem(Settings settings) {
    this(settings, BoundedLookup.Limits.DEFAULT);
  }

  TicketSystem(Settings settings, BoundedLookup.Limits limits) {
    this.settings = settings;
    this.http = new HttpCalls(settings.timeout());
    this.lookup =
        new BoundedLookup<>(
            limits,
            this::ask,
            (t, why) ->
                finding(
                    t,
                    Finding.Result.UNAVAILABLE,
                    "the ticket system did not answer for " + t + ": " + why));
  }

  /** Whether the ticket is there and open. */
  public Finding find(String ticket) {
    // Nothing, or a dot, would ask for the list of all tickets, and that is there.
    boolean none = ticket.isBlank() || ticket.equals(".") || ticket.contains("..");
    return none || ticket.length() > LONGEST
        ? finding(ticket, Finding.Result.FAILS, "that is no ticket")
        : lookup.find(ticket);
  }

  private Finding ask(String ticket) throws IOException, InterruptedException {
    String encoded = URLEncoder.encode(ticket, StandardCharsets.UTF_8).replace("+", "%20");
    HttpCalls.Answer answer =
        http.get(URI.create(settings.url().replace(TICKET, encoded)), headers());
    if (answer.status() == 404 || answer.status() == 410) {
      return finding(ticket, Finding.Result.FAILS, "there is no ticket " + ticket);
    }
    if (!answer.isSuccess()) {
      throw new IOException("status " + answer.status());
    }
    if (settings.statePointer().isEmpty()) {
      return finding(ticket, Finding.Result.HOLDS, ticket + " is there");
    }
    String state = answer.body().at(JsonPointer.compile(settings.statePointer().get())).asText("");
    return settings.openStates().contains(state)
        ? finding(ticket, Finding.Result.HOLDS, ticket + " is " + state)
        : finding(
            ticket,
            Finding.Result.FAILS,
            "%s is %s, not one of %s"
                .formatted(ticket, state.isEmpty() ? "in no state" : state, settings.openStates()));
  }

  private Map<String, String> headers() throws IOException {
    Map<String, String> headers = new HashMap<>();
    headers.put("Accept", "application/json");
    if (settings.authorizationFile().isPresent()) {
      headers.put("Authorization", Files.readString(settings.authorizationFile().get()).strip());
    }
    return headers;
  }

  private static Finding finding(String ticket, Finding.Result result, String detail) {
    return new Finding(Finding.Kind.TICKET, ticket, result, detail);
  }

  @Override
  public void close() {
    lookup.close();
  }
}
