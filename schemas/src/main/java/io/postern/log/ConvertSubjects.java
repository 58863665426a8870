package io.postern.log;

import io.postern.event.Identity;
import io.postern.model.Subject;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Between the people whom a policy names and their events: plain names, and names of an issuer. */
final class ConvertSubjects {
  private ConvertSubjects() {}

  static Set<Subject> toModel(Collection<String> plain, Collection<Identity> identities) {
    return Stream.concat(
            plain.stream().map(Subject::plain),
            identities.stream().map(i -> Subject.of(i.getIssuer(), i.getSubject())))
        .collect(Collectors.toUnmodifiableSet());
  }

  static List<String> plain(Set<Subject> subjects) {
    return subjects.stream().filter(Subject::isPlain).map(Subject::name).sorted().toList();
  }

  static List<Identity> identities(Set<Subject> subjects) {
    return subjects.stream()
        .filter(s -> !s.isPlain())
        .sorted()
        .map(s -> new Identity(s.issuer().orElseThrow(), s.name()))
        .toList();
  }
}
