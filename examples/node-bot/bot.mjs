#!/usr/bin/env node
// Asks for a port of a machine, and follows the request until the port is closed again. Exit 0 only then.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import kafkajs from 'kafkajs'
import { DEAD_LETTERS, hear, producerOf, REQUESTS, speak, typeOf, whyDead } from '../node-log/log.mjs'

const { Kafka, Partitioners, logLevel } = kafkajs

// The topics with the answers that this bot waits for.
const ANSWERS = ['jit.decisions', 'jit.enforcement']

const USAGE = `usage: node bot.mjs --machine ID --port N --duration 15m --source CIDR --key-file FILE
  [--justification TEXT] [--subject NAME] [--group G]... [--trust FILE] [--patience 60s]
  [--bootstrap 127.0.0.1:9092] [--registry http://127.0.0.1:8081/apis/ccompat/v7]`

function fail(message) {
  console.error(`bot: ${message}`)
  process.exit(2)
}

function millis(text, option) {
  const parts = /^([0-9]{1,6})(s|m|h)$/.exec(text)
  if (!parts) fail(`--${option} must be a number and s, m or h, not ${text}`)
  return Number(parts[1]) * { s: 1000, m: 60_000, h: 3_600_000 }[parts[2]]
}

function options() {
  // As ./postern moves its ports.
  const environment = process.env
  const text = { type: 'string' }
  try {
    const { values } = parseArgs({
      options: {
        machine: text,
        port: text,
        duration: text,
        source: text,
        justification: text,
        subject: text,
        group: { type: 'string', multiple: true, default: [] },
        'key-file': text,
        trust: text,
        patience: { type: 'string', default: '60s' },
        bootstrap: { type: 'string', default: `127.0.0.1:${environment.POSTERN_KAFKA_PORT ?? 9092}` },
        registry: { type: 'string', default: `http://127.0.0.1:${environment.POSTERN_REGISTRY_PORT ?? 8081}/apis/ccompat/v7` },
      },
    })
    for (const needed of ['machine', 'port', 'duration', 'source', 'key-file']) {
      if (!values[needed]) throw new Error(`--${needed} is missing`)
    }
    return values
  } catch (e) {
    return fail(`${e.message}\n${USAGE}`)
  }
}

const given = options()
const key = JSON.parse(readFileSync(given['key-file'], 'utf8'))
const producerName = producerOf(key)
const trusted = given.trust ? JSON.parse(readFileSync(given.trust, 'utf8')).keys : undefined
const durationMillis = millis(given.duration, 'duration')
const patience = millis(given.patience, 'patience')

const registry = new SchemaRegistry({ host: given.registry })
const kafka = new Kafka({ clientId: producerName, brokers: given.bootstrap.split(','), logLevel: logLevel.ERROR })
const requestId = randomUUID()

function request() {
  return {
    eventId: randomUUID(),
    occurredAt: Date.now() * 1000,
    requestId,
    requestor: { subject: given.subject ?? producerName, issuer: producerName, groups: given.group },
    machines: [given.machine],
    ports: [{ fromPort: Number(given.port), toPort: Number(given.port), protocol: 'TCP' }],
    sources: [given.source],
    durationMillis,
    justification: given.justification ?? null,
  }
}

async function ask() {
  const record = await speak(registry, key, 'RequestSubmitted', requestId, request())
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  await producer.send({ topic: REQUESTS, messages: [record] })
  await producer.disconnect()
  console.log(`asked    ${requestId}`)
}

const time = micros => new Date(micros / 1000).toISOString()

// What happened, in a line; and how it ends, once it has ended.
const STORY = {
  AccessGranted: e => ({ line: `granted  by ${e.policyId} version ${e.policyVersion}, until ${time(e.expiresAt)}` }),
  AccessDenied: e => ({ line: `denied   ${e.reasons.map(r => `${r.code}: ${r.message}`).join('; ')}`, exit: 1 }),
  AccessOpened: e => ({
    line: `opened   connect to ${e.connect.map(c => `${c.address} port ${c.port}`).join(', ')}, until ${time(e.expiresAt)}`,
  }),
  AccessClosed: e => ({ line: `closed   ${e.reason}`, exit: 0 }),
  EnforcementFailed: e => ({ line: `failed   ${e.operation}: ${e.code}, ${e.message}`, exit: e.willRetry ? undefined : 1 }),
}

async function told({ topic, message }) {
  if (topic === DEAD_LETTERS) {
    if (String(message.key) !== requestId) return undefined
    const { code, message: why } = whyDead(message)
    return { line: `refused  ${code}: ${why}`, exit: 1 }
  }
  // Types that we do not know are for others, or from later versions.
  const tell = STORY[typeOf(message)]
  if (!tell) return undefined
  const event = await registry.decode(message.value)
  return event.requestId === requestId ? tell(await hear(registry, trusted, topic, message)) : undefined
}

// Reads from where the topics ended before we asked, so that no answer is missed. A bot that runs for long keeps one
// consumer for all of its requests.
async function follow(topics, finish) {
  const admin = kafka.admin()
  await admin.connect()
  const ends = await Promise.all(topics.map(async t => [t, await admin.fetchTopicOffsets(t)]))
  await admin.disconnect()
  const consumer = kafka.consumer({ groupId: `${producerName}-${requestId}` })
  await consumer.connect()
  await consumer.subscribe({ topics })
  const joined = new Promise(resolve => consumer.on(consumer.events.GROUP_JOIN, resolve))
  await consumer.run({
    autoCommit: false,
    eachMessage: async record => {
      try {
        const news = await told(record)
        if (news) console.log(news.line)
        if (news?.exit !== undefined) finish(news.exit)
      } catch (e) {
        // A record that cannot be read or believed is no news, and must not stop the others.
        console.error(`bot: ignored a record of ${record.topic}: ${e.message}`)
      }
    },
  })
  for (const [topic, partitions] of ends) {
    for (const { partition, high } of partitions) consumer.seek({ topic, partition, offset: high })
  }
  await joined
  return consumer
}

async function main() {
  let finish
  const ended = new Promise(resolve => {
    finish = resolve
  })
  const consumer = await follow([...ANSWERS, DEAD_LETTERS], finish)
  try {
    await ask()
    const late = setTimeout(() => {
      console.log(`lost     no end of the story within ${given.patience} beyond the duration`)
      finish(1)
    }, durationMillis + patience)
    const exit = await ended
    clearTimeout(late)
    return exit
  } finally {
    await consumer.disconnect()
  }
}

try {
  process.exitCode = await main()
} catch (e) {
  fail(e.message)
}
