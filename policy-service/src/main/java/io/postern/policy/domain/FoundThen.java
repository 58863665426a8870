package io.postern.policy.domain;

import io.postern.model.MachineFacts;
import io.postern.model.Requestor;
import java.util.List;
import java.util.stream.Stream;

/**
 * Says what was found for a request of the past, and guesses the rest.
 *
 * @param kind whether the guess is that it holds
 */
record FoundThen(PastRequest past, boolean kind) implements Lookups {
  @Override
  public Finding ticket(String ticket) {
    return recorded(Finding.Kind.TICKET)
        .filter(f -> f.subject().equals(ticket))
        .findFirst()
        .or(
            () ->
                past.seen("ticket")
                    .filter(c -> names(c.detail(), ticket))
                    .map(c -> finding(Finding.Kind.TICKET, ticket, c)))
        .orElseGet(() -> guess(Finding.Kind.TICKET, ticket));
  }

  @Override
  public Finding cloudPermission(Requestor person, MachineFacts machine) {
    return recorded(Finding.Kind.CLOUD_PERMISSION)
        .findFirst()
        .or(
            () ->
                past.seen("cloudPermission")
                    .map(c -> finding(Finding.Kind.CLOUD_PERMISSION, person.subject(), c)))
        .orElseGet(() -> guess(Finding.Kind.CLOUD_PERMISSION, person.subject()));
  }

  private Stream<Finding> recorded(Finding.Kind what) {
    return past.request().findings().stream().filter(f -> f.kind() == what);
  }

  private static boolean names(String sentence, String ticket) {
    return List.of(sentence.split("[\\s,;:]+", -1)).contains(ticket);
  }

  private static Finding finding(Finding.Kind what, String subject, PastRequest.Seen check) {
    return new Finding(
        what,
        subject,
        check.result() == Check.Result.PASSED ? Finding.Result.HOLDS : Finding.Result.FAILS,
        check.detail());
  }

  private Finding guess(Finding.Kind what, String subject) {
    return new Finding(
        what,
        subject,
        kind ? Finding.Result.HOLDS : Finding.Result.FAILS,
        "nobody looked it up then");
  }
}
