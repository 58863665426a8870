package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.Test;

/**
 * Broken values of every type: each is read or refused with its reason, and nothing else happens.
 * {@code -Dpostern.fuzz=10000000} for many; what the longest took and what is left in memory is
 * printed then.
 */
class PayloadFuzzTest {
  private static final int PAYLOADS = Integer.getInteger("postern.fuzz", 200_000);
  private static final int OF_A_TYPE = 20;
  private static final long[] SIZES = {
    -1,
    0,
    1,
    63,
    64,
    1 << 16,
    1 << 20,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 33,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final long seed = Long.getLong("postern.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<Integer, Schema> schemas = new HashMap<>();

  @Test
  void everyPayloadIsReadOrRefusedWithItsReason() throws IOException {
    List<byte[]> good = good();
    AvroFraming framing = new AvroFraming(SchemaRegistry.kept(schemas), false);
    long before = retained();
    long longest = 0;
    int read = 0;
    for (int i = 0; i < PAYLOADS; i++) {
      byte[] payload = broken(good.get(random.nextInt(good.size())));
      long begin = System.nanoTime();
      try {
        SpecificRecord event = framing.decode(payload);
        assertThat(event).isNotNull();
        read++;
      } catch (PoisonException refused) {
        assertThat(refused.getMessage()).isNotBlank();
      } catch (RuntimeException | Error other) {
        throw new AssertionError(
            "seed %d, payload %d: %s".formatted(seed, i, Arrays.toString(payload)), other);
      }
      longest = Math.max(longest, System.nanoTime() - begin);
    }
    System.out.printf(
        "%,d payloads, %,d of them read, the longest in %.1f ms, %+,d KiB on the heap, seed %d%n",
        PAYLOADS, read, longest / 1e6, (retained() - before) / 1024, seed);
    assertThat(read).as("what is still an event, seed %d", seed).isBetween(1, PAYLOADS - 1);
  }

  private List<byte[]> good() throws IOException {
    List<byte[]> good = new ArrayList<>();
    for (Topic topic : Topics.ALL) {
      for (Class<? extends SpecificRecord> type : topic.events()) {
        Schema schema = EventTypes.schemaOf(type);
        int id = schemas.size() + 1;
        schemas.put(id, schema);
        for (Object event : new RandomData(schema, OF_A_TYPE, random.nextLong())) {
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          out.write(0);
          out.writeBytes(ByteBuffer.allocate(4).putInt(id).array());
          BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
          new GenericDatumWriter<>(schema).write(event, encoder);
          good.add(out.toByteArray());
        }
      }
    }
    return good;
  }

  private byte[] broken(byte[] good) throws IOException {
    return switch (random.nextInt(8)) {
      case 0 -> Arrays.copyOf(good, random.nextInt(good.length + 1));
      case 1 -> Arrays.copyOf(good, good.length + 1 + random.nextInt(64));
      case 2 -> spliced(good, number(SIZES[random.nextInt(SIZES.length)]));
      case 3 -> spliced(good, number(random.nextLong() >> random.nextInt(64)));
      case 4 -> spliced(good, noise(random.nextInt(32)));
      case 5 -> {
        byte[] noise = noise(5 + random.nextInt(200));
        System.arraycopy(good, 0, noise, 0, 5);
        yield noise;
      }
      case 6 -> noise(random.nextInt(64));
      default -> flipped(good);
    };
  }

  private byte[] flipped(byte[] good) {
    byte[] bytes = good.clone();
    for (int n = random.nextInt(4); n >= 0; n--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  /** With something written over a part of it. */
  private byte[] spliced(byte[] good, byte[] with) {
    int at = 5 + random.nextInt(good.length - 4);
    int rest = Math.min(good.length, at + random.nextInt(16));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(good, 0, Math.min(at, good.length));
    out.writeBytes(with);
    out.write(good, rest, good.length - rest);
    return out.toByteArray();
  }

  private static byte[] number(long value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    EncoderFactory.get().directBinaryEncoder(out, null).writeLong(value);
    return out.toByteArray();
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static long retained() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
