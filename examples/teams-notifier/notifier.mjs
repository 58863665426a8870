#!/usr/bin/env node
// Tells a Teams channel what happens: `node notifier.mjs CONFIG.json`, with the webhook's address in TEAMS_WEBHOOK_URL.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import kafkajs from 'kafkajs'
import { hear, typeOf } from '../node-log/log.mjs'
import { endsOf, followFrom, heard } from '../node-log/reader.mjs'
import { openStore, readTo } from '../node-log/store.mjs'
import { draw } from './card.mjs'
import { post } from './post.mjs'
import { emptyBook, readTypes, telling, told } from './telling.mjs'

const TOPICS = ['jit.decisions', 'jit.expirations', 'jit.enforcement']

function configured() {
  try {
    const [file, ...more] = process.argv.slice(2)
    if (!file || more.length > 0) throw new Error('usage: node notifier.mjs CONFIG.json')
    const config = JSON.parse(readFileSync(file, 'utf8'))
    const path = name => {
      if (typeof config[name] !== 'string') throw new Error(`configuration: ${name} is missing`)
      return resolve(dirname(file), config[name])
    }
    const webhook = process.env.TEAMS_WEBHOOK_URL ?? ''
    // Not in the message: the address is the secret.
    if (!URL.canParse(webhook)) throw new Error('configuration: TEAMS_WEBHOOK_URL is not in the environment, or no address')
    return {
      kafka: { brokers: ['127.0.0.1:9092'], ...config.kafka },
      registry: config.registry ?? 'http://127.0.0.1:8081/apis/ccompat/v7',
      trusted: JSON.parse(readFileSync(path('trustFile'), 'utf8')).keys,
      stateFile: path('stateFile'),
      group: config.group ?? 'teams-notifier',
      types: readTypes(config.events),
      web: config.web === undefined ? undefined : new URL(config.web).href,
      webhook,
    }
  } catch (e) {
    console.error(`teams-notifier: ${e.message}`)
    return process.exit(2)
  }
}

const config = configured()
const log = (level, message) => console.log(`${level} ${message}`)
const store = openStore(config.stateFile, emptyBook())
const registry = new SchemaRegistry({ host: config.registry })
const kafka = new kafkajs.Kafka({ clientId: config.group, logLevel: kafkajs.logLevel.ERROR, ...config.kafka })
const stopping = new AbortController()

const linkOf = event => config.web && (event.requestId ? new URL(`/requests/${encodeURIComponent(event.requestId)}`, config.web).href : config.web)

async function tellIt(topic, message) {
  const type = typeOf(message)
  if (!config.types.includes(type)) return undefined
  const event = await hear(registry, config.trusted, topic, message)
  const card = telling(store.get(), config.types, type, event)
  if (card) {
    const warn = sentence => log('WARN', sentence)
    const result = await post(config.webhook, draw(card, linkOf(event)), { warn, signal: stopping.signal })
    if (!result.ok) log('ERROR', `not told: ${type} ${event.eventId}: the webhook ${result.why}`)
  }
  return book => told(book, event)
}

async function take(topic, partition, message) {
  const change = await heard(
    () => tellIt(topic, message),
    () => stopping.signal.aborted,
    sentence => log('WARN', `${topic}/${partition} at ${message.offset}: ${sentence}`),
  )
  const book = store.get()
  store.set(readTo(change ? change(book) : book, topic, partition, String(BigInt(message.offset) + 1n)))
}

async function main() {
  for (const { topic, partition, offset } of await endsOf(kafka, TOPICS, store.get().positions)) {
    store.set(readTo(store.get(), topic, partition, offset))
  }
  const position = (topic, partition) => store.get().positions[topic]?.[partition] ?? '0'
  const consumer = await followFrom(kafka, config.group, TOPICS, position, take)
  log('INFO', 'ready')
  const stop = async () => {
    if (stopping.signal.aborted) process.exit(1)
    stopping.abort()
    await consumer.disconnect()
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

main().catch(e => {
  console.error(`teams-notifier: ${e.message}`)
  process.exit(1)
})
