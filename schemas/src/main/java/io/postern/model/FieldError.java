package io.postern.model;

/** What is wrong with one field of a document that somebody wrote. */
public record FieldError(String field, String rule, String given) {}
