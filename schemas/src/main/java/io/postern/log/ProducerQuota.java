package io.postern.log;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;

/**
 * What the broker lets one producer send: beyond it the broker makes this producer wait, and nobody
 * else. Kafka counts by principal and broker, so that more connections bring no more.
 *
 * @param bytesPerSecond what it may write, on each broker; a signed request takes about half a KiB
 * @param requestPercent how much of one thread of a broker it may use, in percent
 */
public record ProducerQuota(double bytesPerSecond, double requestPercent) {
  /** Some hundred requests a second: more than people and bots ask for, less than a flood. */
  public static final ProducerQuota DEFAULT = new ProducerQuota(64 * 1024, 50);

  public ProducerQuota {
    if (!(bytesPerSecond > 0) || !(requestPercent > 0)) {
      throw new IllegalArgumentException(
          "a producer's quota must be more than zero, not %s bytes a second and %s percent"
              .formatted(bytesPerSecond, requestPercent));
    }
  }

  /** What to tell the broker for a principal. */
  public ClientQuotaAlteration of(String principal) {
    return new ClientQuotaAlteration(
        new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, principal)),
        List.of(
            new ClientQuotaAlteration.Op("producer_byte_rate", bytesPerSecond),
            new ClientQuotaAlteration.Op("request_percentage", requestPercent)));
  }
}
