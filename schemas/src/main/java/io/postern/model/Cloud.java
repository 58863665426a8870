package io.postern.model;

/** The clouds that Postern serves. */
public enum Cloud {
  AZURE,
  AWS
}
