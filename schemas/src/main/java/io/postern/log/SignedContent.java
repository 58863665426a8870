package io.postern.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a signature covers: length of the topic's name in UTF-8 (4 bytes, big endian), the name,
 * length of the key (4 bytes), the key, the value.
 */
final class SignedContent {
  private SignedContent() {}

  static byte[] of(String topic, byte[] key, byte[] value) {
    byte[] name = topic.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + name.length + key.length + value.length)
        .putInt(name.length)
        .put(name)
        .putInt(key.length)
        .put(key)
        .put(value)
        .array();
  }
}
