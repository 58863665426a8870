package io.postern.simulator.ec2;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

record Instance(
    String id,
    String owner,
    String reservationId,
    State state,
    String imageId,
    String type,
    String vpcId,
    String subnetId,
    Instant launchedAt,
    @Nullable Instant terminatedAt,
    @Nullable String clientToken,
    int launchIndex,
    Map<String, String> tags)
    implements Resource {

  /** States with EC2's codes; the passing ones are only ever answered, never kept. */
  enum State {
    PENDING(0, "pending"),
    RUNNING(16, "running"),
    SHUTTING_DOWN(32, "shutting-down"),
    TERMINATED(48, "terminated"),
    STOPPING(64, "stopping"),
    STOPPED(80, "stopped");

    final int code;
    final String text;

    State(int code, String text) {
      this.code = code;
      this.text = text;
    }
  }

  Instance withTags(Map<String, String> newTags) {
    return new Instance(
        id,
        owner,
        reservationId,
        state,
        imageId,
        type,
        vpcId,
        subnetId,
        launchedAt,
        terminatedAt,
        clientToken,
        launchIndex,
        newTags);
  }

  Instance withState(State newState, Instant now) {
    return new Instance(
        id,
        owner,
        reservationId,
        newState,
        imageId,
        type,
        vpcId,
        subnetId,
        launchedAt,
        newState == State.TERMINATED ? now : null,
        clientToken,
        launchIndex,
        tags);
  }
}
