package io.postern.log;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Names of record headers: CloudEvents' Kafka binding in binary mode, and ours. */
public final class Headers {
  public static final String SPEC_VERSION = "ce_specversion";
  public static final String ID = "ce_id";
  public static final String TYPE = "ce_type";
  public static final String SOURCE = "ce_source";
  public static final String TIME = "ce_time";
  public static final String SUBJECT = "ce_subject";
  public static final String CONTENT_TYPE = "content-type";
  public static final String TRACE_PARENT = "traceparent";
  public static final String SIGNATURE = "postern-signature";
  public static final String DLT_REASON = "postern-dlt-reason";
  public static final String DLT_MESSAGE = "postern-dlt-message";
  public static final String DLT_TOPIC = "postern-dlt-topic";
  public static final String DLT_PARTITION = "postern-dlt-partition";
  public static final String DLT_OFFSET = "postern-dlt-offset";

  private Headers() {}

  /** The last header of that name as text, or null. */
  public static @Nullable String text(org.apache.kafka.common.header.Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.UTF_8);
  }

  /** For headers that have none of that name yet. */
  static void add(org.apache.kafka.common.header.Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  static void put(org.apache.kafka.common.header.Headers headers, String name, String value) {
    headers.remove(name);
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
