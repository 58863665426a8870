package io.postern.enforcement.exposure;

/**
 * Why just-in-time access is not supported on a machine.
 *
 * @param why a sentence without its full stop
 */
public record Unsupported(Verdict.Reason code, String why) {}
