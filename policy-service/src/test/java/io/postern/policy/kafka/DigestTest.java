package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.Test;

class DigestTest {
  private static final Schema LIST = Schema.createArray(PortSelection.getClassSchema());

  @Test
  void portsAreWrittenAsAvroWritesThem() {
    List<PortSelection> ports = new ArrayList<>();
    for (Protocol each : Protocol.values()) {
      ports.add(new PortSelection(22, 65535 - each.ordinal(), each));
      assertThat(Digest.ports(ports)).isEqualTo(ports.toString());
      assertThat(Digest.ports(ports)).isEqualTo(new GenericData.Array<>(LIST, ports).toString());
    }
    assertThat(Digest.ports(List.of())).isEqualTo(List.of().toString());
  }
}
