package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopicReferenceTest {
  private static final Path FILE = Path.of("../docs/topics.md");

  @Test
  void theCommittedReferenceIsTheOneThatTheSchemasYield() throws IOException {
    String generated = TopicReference.generate();
    if (Boolean.getBoolean("postern.docs.write")) {
      Files.writeString(FILE, generated);
    }
    assertThat(Files.exists(FILE) ? Files.readString(FILE) : "")
        .as(
            "docs/topics.md is not what the schemas say; write it with:"
                + " mvn -pl schemas test -Dtest=TopicReferenceTest -Dpostern.docs.write=true")
        .isEqualTo(generated);
  }

  @Test
  void everyTypeIsExplainedOnceAndEveryLinkLeadsToOne() {
    String generated = TopicReference.generate();
    List<String> headings = TopicReference.headings(generated);
    assertThat(headings).doesNotHaveDuplicates();
    java.util.regex.Pattern.compile("\\[(\\w+)\\]\\(#\\w+\\)")
        .matcher(generated)
        .results()
        .forEach(link -> assertThat(headings).contains(link.group(1)));
  }
}
