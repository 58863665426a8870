package io.postern.request.domain;

/** A wish that was refused: whose, and why. */
public record Refused(String by, String code, String message) {}
