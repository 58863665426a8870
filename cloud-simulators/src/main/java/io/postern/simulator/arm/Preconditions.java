package io.postern.simulator.arm;

import io.postern.simulator.kernel.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code If-Match} and {@code If-None-Match} headers of a write. */
record Preconditions(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
  static final Preconditions NONE = new Preconditions(null, null);

  static Preconditions of(Request request) {
    return new Preconditions(request.header("If-Match"), request.header("If-None-Match"));
  }

  /**
   * @param etag of the top-level resource, which its children share; null when there is none. A
   *     child that is to be created is held against its parent's.
   */
  void check(ResourceId id, @Nullable String etag, boolean exists) {
    if (ifNoneMatch != null && ifNoneMatch.equals("*") && exists) {
      throw failed("If-None-Match: * was given but %s exists.".formatted(id));
    }
    if (ifMatch == null) {
      return;
    }
    boolean holds = ifMatch.equals("*") ? exists : ifMatch.equals(etag);
    if (!holds) {
      throw failed(
          "Etag provided in if-match header %s does not match etag %s of resource %s in NRP data store."
              .formatted(ifMatch, etag, id));
    }
  }

  private static ArmException failed(String message) {
    return new ArmException(
        412,
        "PreconditionFailed",
        "Precondition failed.",
        0,
        List.of(new ArmException.Detail("PreconditionFailedEtagMismatch", message)));
  }
}
