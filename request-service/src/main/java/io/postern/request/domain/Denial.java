package io.postern.request.domain;

import io.postern.model.MachineId;

/** Why one machine of a request was refused. */
public record Denial(MachineId machine, String code, String message) {}
