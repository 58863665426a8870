package io.postern.expiry.domain;

/**
 * How long after its instant it is this replica's turn to announce it, if nobody else has: replica
 * k waits k steps. What fell due before this replica was ready it leaves to those that were, for
 * {@value #LEFT_TO_OTHERS} steps more: they are about to announce it, and would not hear in time
 * that this one has just done so. Safe for use by many threads.
 */
public final class Turn {
  private static final int LEFT_TO_OTHERS = 2;

  private final long ownMicros;
  private final long othersMicros;
  private volatile long readyMicros = Long.MIN_VALUE;

  /**
   * @param replica this replica's number, from 0
   * @param stepMicros how long each further replica waits for the one before it
   */
  public Turn(int replica, long stepMicros) {
    this.ownMicros = Math.multiplyExact(replica, stepMicros);
    this.othersMicros = Math.multiplyExact(LEFT_TO_OTHERS, stepMicros);
  }

  /** This replica is ready from now on, in microseconds since 1970. */
  public void ready(long nowMicros) {
    readyMicros = nowMicros;
  }

  /** The time was stepped: when this replica became ready is not known in it. */
  public void timeStepped() {
    readyMicros = Long.MIN_VALUE;
  }

  /** How long to wait for others with what falls due at that time, both in microseconds. */
  public long waitMicros(long dueMicros) {
    return dueMicros < readyMicros ? ownMicros + othersMicros : ownMicros;
  }

  /** Whether this replica waits for nobody, but with what it left to others. */
  public boolean isFirst() {
    return ownMicros == 0;
  }

  /** How long it waits for others, in microseconds, when nothing else is to be considered. */
  public long ownMicros() {
    return ownMicros;
  }
}
