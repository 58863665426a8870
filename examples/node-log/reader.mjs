// Reads topics from positions that are kept elsewhere, record after record; and a compacted topic as a table.
import { setTimeout as pause } from 'node:timers/promises'
import { hear, isForNow, typeOf } from './log.mjs'

const HEARTBEAT = 2000
// After a kill the group waits so long for who was killed.
const SESSION = 8000
const AGAIN = 1000
// A compacted topic may end in offsets that bear no record any more: whoever has been silent for so long has been read.
const SILENCE = 5000

/** Positions of all partitions for which the book has none: where the topics end now. */
export async function endsOf(kafka, topics, known) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const found = []
    for (const topic of topics) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        if (known[topic]?.[partition] === undefined) found.push({ topic, partition, offset: high })
      }
    }
    return found
  } finally {
    await admin.disconnect()
  }
}

/**
 * What `work` makes of a record; undefined for one that cannot be read or believed, which is no news and must not stop the others.
 * Waits for a registry that does not answer.
 * @param {() => boolean} stopping
 * @param {(sentence: string) => void} warn
 */
export async function heard(work, stopping, warn) {
  for (;;) {
    try {
      return await work()
    } catch (e) {
      if (stopping()) throw e
      if (!isForNow(e)) {
        warn(`ignored a record: ${e.message}`)
        return undefined
      }
      warn(`the registry does not answer (${e.message}); trying again`)
      await pause(AGAIN)
    }
  }
}

/**
 * Hands each record to `take(topic, partition, message)` and goes on only once that is done. The caller keeps the positions; they are
 * committed to the group as well, for whoever watches its lag.
 * @param position (topic, partition) the offset to begin at
 */
export async function followFrom(kafka, groupId, topics, position, take) {
  const consumer = kafka.consumer({ groupId, sessionTimeout: SESSION, heartbeatInterval: HEARTBEAT })
  await consumer.connect()
  await consumer.subscribe({ topics, fromBeginning: true })
  const joined = new Promise(resolve => {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
        for (const partition of partitions) consumer.seek({ topic, partition, offset: position(topic, partition) })
      }
      resolve()
    })
  })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message, heartbeat }) => {
      // Slack may make us wait for longer than the group waits for us.
      const alive = setInterval(() => heartbeat().catch(() => {}), HEARTBEAT)
      try {
        if (BigInt(message.offset) < BigInt(position(topic, partition))) return
        await take(topic, partition, message)
      } finally {
        clearInterval(alive)
      }
      await consumer.commitOffsets([{ topic, partition, offset: position(topic, partition) }]).catch(() => {})
    },
  })
  await joined
  return consumer
}

/**
 * `jit.machines` as a map from machine id to MachineAssessed, complete when this resolves and kept up to date.
 * @param ignored (reason) is told of records that cannot be read or believed
 */
export async function machinesOf(kafka, registry, trusted, groupId, ignored) {
  const topic = 'jit.machines'
  const machines = new Map()
  const missing = new Map((await endsOf(kafka, [topic], {})).map(e => [e.partition, BigInt(e.offset)]).filter(([, end]) => end > 0n))
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  let complete
  const read = new Promise(resolve => {
    complete = resolve
  })
  let silence
  const listen = () => {
    clearTimeout(silence)
    silence = setTimeout(complete, SILENCE)
  }
  consumer.on(consumer.events.GROUP_JOIN, listen)
  const reached = (partition, next) => {
    if (missing.size > 0) listen()
    if (next >= (missing.get(partition) ?? -1n)) missing.delete(partition)
    if (missing.size === 0) complete()
  }
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: true,
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) {
        try {
          if (message.value === null) machines.delete(String(message.key))
          else if (typeOf(message) === 'MachineAssessed') {
            const machine = await hear(registry, trusted, topic, message)
            machines.set(machine.machineId, machine)
          }
        } catch (e) {
          // Read once more.
          if (isForNow(e)) throw e
          ignored(e.message)
        }
      }
      reached(batch.partition, BigInt(batch.lastOffset()) + 1n)
    },
  })
  if (missing.size === 0) complete()
  await read
  clearTimeout(silence)
  return { machines, consumer }
}
