package io.postern.expiry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.Lease;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;

class LeaseReaderTest {
  @Test
  void theLayoutThatIsWalkedByHandIsThatOfTheLeaseAsItIs() {
    assertThat(SchemaNormalization.parsingFingerprint64(Lease.getClassSchema()))
        .isEqualTo(LeaseReader.OURS);
  }
}
