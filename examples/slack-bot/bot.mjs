#!/usr/bin/env node
// Postern in Slack: `node bot.mjs CONFIG.json`. What is decided here is in asking.mjs, book.mjs and blocks.mjs; this connects them.
import { createPublicKey, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import bolt from '@slack/bolt'
import kafkajs from 'kafkajs'
import { TOLD } from '../chat-core/story.mjs'
import { DEAD_LETTERS, hear, REQUESTS, speak, typeOf, whyDead } from '../node-log/log.mjs'
import { endsOf, followFrom, heard, machinesOf } from '../node-log/reader.mjs'
import { verify } from '../node-log/signature.mjs'
import { openStore, readTo } from '../node-log/store.mjs'
import { onClick, onCommand, onReason } from './asking.mjs'
import { draw, escape, REASON } from './blocks.mjs'
import { after, afterDeadLetter, asked, done, emptyBook, halfSaid, saidBefore, sayings, sayingsOfDeadLetter } from './book.mjs'
import { readConfig } from './config.mjs'
import { isFinal } from './refusals.mjs'

const TOPICS = ['jit.decisions', 'jit.expirations', 'jit.enforcement', DEAD_LETTERS]
// Slack wants an answer within three seconds.
const PATIENCE = 2500
const LONGEST_PAUSE = 30_000

const log = (level, message) => console.log(`${level} ${message}`)

function configured() {
  try {
    if (process.argv.length !== 3) throw new Error('usage: node bot.mjs CONFIG.json')
    return readConfig(process.argv[2], process.env)
  } catch (e) {
    console.error(`slack-bot: ${e.message}`)
    return process.exit(2)
  }
}

const config = configured()
const store = openStore(config.stateFile, emptyBook())
const registry = new SchemaRegistry({ host: config.registry })
const kafka = new kafkajs.Kafka({ clientId: config.producer, logLevel: kafkajs.logLevel.ERROR, ...config.kafka })
const producer = kafka.producer({
  idempotent: true,
  maxInFlightRequests: 1,
  createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
})
// The public half of our own key: dead letters that carry our signature are ours.
const own = [{ ...createPublicKey({ key: config.key, format: 'jwk' }).export({ format: 'jwk' }), kid: config.key.kid }]
const slack = new bolt.App({
  token: config.botToken,
  appToken: config.appToken,
  socketMode: true,
  logLevel: bolt.LogLevel.WARN,
  clientOptions: config.slackApiUrl ? { slackApiUrl: config.slackApiUrl } : {},
})
let stopping = false

/** Says one thing until Slack has it; `undefined` when Slack will not have it at all. */
async function said(saying) {
  const { channel, ts, message } = saying
  for (let wait = 500; ; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
    try {
      const answer =
        saying.do === 'post'
          ? await slack.client.chat.postMessage({ channel, ...draw(message) })
          : await slack.client.chat.update({ channel, ts, ...draw(message) })
      return { ...saying, channel: answer.channel, ts: answer.ts }
    } catch (e) {
      if (isFinal(e)) {
        log('ERROR', `Slack takes no ${saying.do} to ${channel}: ${e.message}`)
        return undefined
      }
      if (stopping) throw e
      log('WARN', `Slack does not answer (${e.message}); trying again in ${wait} ms`)
      await pause(wait)
    }
  }
}

/** Says all that an event makes us say, but for what was said before we were killed. */
async function sayAll(eventId, all) {
  let results = saidBefore(store.get(), eventId)
  for (const saying of all.slice(results.length)) {
    results = [...results, (await said(saying)) ?? null]
    if (results.length < all.length) store.set(halfSaid(store.get(), eventId, results))
  }
  return results.filter(r => r !== null)
}

async function tellEvent(topic, message) {
  const type = typeOf(message)
  if (!TOLD.includes(type)) return undefined
  const event = await hear(registry, config.trusted, topic, message)
  const results = await sayAll(event.eventId, sayings(store.get(), type, event, config))
  return book => after(book, type, event, results)
}

async function tellDeadLetter(message) {
  const type = typeOf(message)
  if (type === undefined) return undefined
  try {
    verify(own, REQUESTS, message.key, message.value, message.headers['postern-signature'])
  } catch {
    return undefined // somebody else's
  }
  const event = await registry.decode(message.value)
  await sayAll(event.eventId, sayingsOfDeadLetter(store.get(), event, whyDead(message), config))
  return book => afterDeadLetter(book, type, event)
}

// One record: said, then written down together with the position. Killed in between, the bot says one message a second time.
async function take(topic, partition, message) {
  const change = await heard(
    () => (topic === DEAD_LETTERS ? tellDeadLetter(message) : tellEvent(topic, message)),
    () => stopping,
    sentence => log('WARN', `${topic}/${partition} at ${message.offset}: ${sentence}`),
  )
  const book = store.get()
  store.set(readTo(done(change ? change(book) : book), topic, partition, String(BigInt(message.offset) + 1n)))
}

async function write({ type, requestId, event }) {
  const record = await speak(registry, config.key, type, requestId, event)
  await producer.send({ topic: REQUESTS, messages: [record] })
}

/** Writes a wish; the sentence to answer with when that did not succeed in time. */
async function writeInTime(wish) {
  const late = pause(PATIENCE, 'Postern\'s log does not answer just now. If you hear nothing, try again in a minute.', { ref: false })
  const written = write(wish).catch(e => {
    log('ERROR', `could not write ${wish.type} of ${wish.requestId}: ${e.message}`)
    return 'That could not be written to Postern\'s log. Try again in a minute.'
  })
  return Promise.race([written, late])
}

function answerCommands(machines) {
  slack.command(config.command, async ({ command, ack }) => {
    const { reply, wish } = onCommand(command, { ...config, machines: machines.values(), now: Date.now() })
    let answer = reply
    if (wish) {
      if (!store.get().requests[wish.requestId]) store.set(asked(store.get(), command.user_id, wish))
      // Acknowledged once it is written: until then Slack may deliver the command again, which makes the same ids.
      answer = (await writeInTime(wish)) ?? reply
    }
    await ack({ response_type: 'ephemeral', text: escape(answer) })
  })
  const whisper = (channel, user, text) => slack.client.chat.postEphemeral({ channel, user, text: escape(text) })
  const teamOf = body => body.user.team_id ?? body.team?.id
  slack.action(/.*/, async ({ body, action, ack }) => {
    const channel = body.channel?.id ?? body.user.id
    const click = { user: body.user.id, team: teamOf(body), action: action.action_id, value: action.value, channel }
    const { reply, wish, view } = onClick(click, { ...config, now: Date.now() })
    const answer = wish ? await writeInTime(wish) : reply
    await ack()
    // A trigger is good for three seconds.
    if (view) await slack.client.views.open({ trigger_id: body.trigger_id, view })
    if (answer) await whisper(channel, body.user.id, answer)
  })
  slack.view(REASON.callback, async ({ body, view, ack }) => {
    const reason = view.state.values[REASON.block]?.[REASON.action]?.value
    const submitted = { user: body.user.id, team: teamOf(body), metadata: view.private_metadata, reason }
    const { reply, wish, error, channel } = onReason(submitted, { ...config, now: Date.now() })
    if (error) return ack({ response_action: 'errors', errors: { [REASON.block]: error } })
    const answer = wish ? await writeInTime(wish) : reply
    await ack()
    if (answer) await whisper(channel ?? body.user.id, body.user.id, answer)
    return undefined
  })
}

async function main() {
  await producer.connect()
  for (const { topic, partition, offset } of await endsOf(kafka, TOPICS, store.get().positions)) {
    store.set(readTo(store.get(), topic, partition, offset))
  }
  const ignored = reason => log('WARN', `ignored a machine: ${reason}`)
  const position = (topic, partition) => store.get().positions[topic]?.[partition] ?? '0'
  const [table, consumer] = await Promise.all([
    machinesOf(kafka, registry, config.trusted, `${config.producer}-machines-${randomUUID()}`, ignored),
    followFrom(kafka, config.producer, TOPICS, position, take),
  ])
  answerCommands(table.machines)
  await slack.start()
  log('INFO', 'ready')

  const stop = async () => {
    if (stopping) process.exit(1)
    stopping = true
    await slack.stop()
    await Promise.all([consumer.disconnect(), table.consumer.disconnect()])
    await producer.disconnect()
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

main().catch(e => {
  console.error(`slack-bot: ${e.message}`)
  process.exit(1)
})
