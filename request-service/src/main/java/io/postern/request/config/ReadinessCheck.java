package io.postern.request.config;

import java.util.function.BooleanSupplier;

/** One thing that must be ready before {@code /actuator/health/readiness} says so. */
public record ReadinessCheck(String name, BooleanSupplier isReady) {}
