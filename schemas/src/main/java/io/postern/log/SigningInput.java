package io.postern.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a JWS is signed over (RFC 7515, section 5.1): the header as it is sent, a full stop, the
 * payload in base64url. The same bytes as Nimbus composes, whose own base64 takes the same time for
 * every input and so a long time for each; nothing here is secret.
 */
final class SigningInput {
  private static final Base64.Encoder BASE64_URL = Base64.getUrlEncoder().withoutPadding();

  private SigningInput() {}

  /**
   * @param header in base64url
   */
  static byte[] of(String header, byte[] payload) {
    byte[] text = BASE64_URL.encode(payload);
    byte[] head = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(head.length + 1 + text.length)
        .put(head)
        .put((byte) '.')
        .put(text)
        .array();
  }
}
