// What a program in Node needs to speak on the log and to read it. The clients (kafkajs, a Confluent registry client) are its
// caller's: this file imports nothing from npm.
import { createHash } from 'node:crypto'
import { sign, verify } from './signature.mjs'

export const REQUESTS = 'jit.requests'
/** What was written to `jit.requests` and not believed, with the reason. */
export const DEAD_LETTERS = 'jit.requests.policy-service-dlt'
/** The topics that answer, and who alone is believed on each. */
export const WRITERS = {
  'jit.decisions': ['policy-service'],
  'jit.expirations': ['expiry-service'],
  'jit.enforcement': ['azure-enforcer', 'aws-enforcer'],
  'jit.machines': ['azure-enforcer', 'aws-enforcer'],
}

const EVENT = 'io.postern.event.'

/** A name-based UUID (version 5 in form): the same parts make the same id, so that a repeat is known as one. */
export function derivedId(...parts) {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16)
  bytes[6] = (bytes[6] & 0x0f) | 0x50
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The name of the producer in a key's id, `<producer>/<serial>`. */
export const producerOf = jwk => jwk.kid.split('/')[0]

/**
 * A record of `jit.requests`: framed, signed now, with the headers of CloudEvents. Send it within five minutes.
 * @param {string} requestId the record's key, also for an approval, an extension or a revocation
 */
export async function speak(registry, jwk, type, requestId, event) {
  // TopicRecordName: the subject is the topic and the type's full name. The schema is registered; it is only looked up.
  const schemaId = await registry.getLatestSchemaId(`${REQUESTS}-${EVENT}${type}`)
  const key = Buffer.from(requestId)
  const value = await registry.encode(schemaId, event)
  return {
    key,
    value,
    headers: {
      ce_specversion: '1.0',
      ce_id: event.eventId,
      ce_type: `${EVENT}${type}`,
      ce_source: `/bots/${producerOf(jwk)}`,
      ce_time: new Date().toISOString(),
      ce_subject: requestId,
      'content-type': 'application/avro',
      'postern-signature': sign(jwk, REQUESTS, key, value),
    },
  }
}

/** The type of a record's event without decoding it; undefined for what is none of ours. */
export function typeOf(message) {
  const type = String(message.headers?.ce_type ?? '')
  return message.value && type.startsWith(EVENT) ? type.slice(EVENT.length) : undefined
}

/**
 * The event of a record.
 * @param {object[]|undefined} trusted the keys to believe; undefined believes anybody who may write
 * @throws when the topic's writer did not sign it, or it cannot be read
 */
export async function hear(registry, trusted, topic, message) {
  if (trusted) {
    const writer = verify(trusted, topic, message.key, message.value, message.headers?.['postern-signature'])
    if (!WRITERS[topic]?.includes(writer)) throw new Error(`${writer} may not write ${topic}`)
  }
  return registry.decode(message.value)
}

/** Why a dead letter was not believed. */
export const whyDead = message => ({
  code: String(message.headers?.['postern-dlt-reason'] ?? 'UNKNOWN'),
  message: String(message.headers?.['postern-dlt-message'] ?? ''),
})

/** Whether the registry could not be asked, so that a record is unreadable for now only; 404 is an answer. */
export const isForNow = e => e?.name === 'ResponseError' && e.status !== 404
