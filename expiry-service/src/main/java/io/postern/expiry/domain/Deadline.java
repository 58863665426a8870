package io.postern.expiry.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import java.time.Instant;

/** When a grant ends. */
public record Deadline(GrantId grant, RequestId request, MachineId machine, Instant expiresAt) {}
