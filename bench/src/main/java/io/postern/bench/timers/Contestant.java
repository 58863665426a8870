package io.postern.bench.timers;

import java.util.List;

/** Somebody who holds timers and puts a record on a topic when one is due. */
interface Contestant extends AutoCloseable {
  String name();

  /** The topic on which its records appear. */
  String topic();

  /** Takes timers over; returns when they are safe with it. */
  void hold(List<Due> timers) throws Exception;

  @Override
  void close() throws Exception;
}
