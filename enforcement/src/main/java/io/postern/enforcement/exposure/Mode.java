package io.postern.enforcement.exposure;

/** By which rules machines are assessed. */
public enum Mode {
  /** By Microsoft Defender's flow charts. */
  DEFENDER,
  /** By who can in fact reach their ports. */
  STRICT
}
