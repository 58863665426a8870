// The bot's configuration: one JSON file, and two tokens from the environment, where they are in no file.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readDuration } from '../chat-core/command.mjs'
import { readPeople } from '../chat-core/people.mjs'
import { producerOf } from '../node-log/log.mjs'

const KNOWN = ['kafka', 'registry', 'keyFile', 'trustFile', 'stateFile', 'command', 'team', 'approvalsChannel', 'extendBy', 'people', 'slackApiUrl']

function text(config, name, otherwise) {
  const value = config[name] ?? otherwise
  if (typeof value !== 'string' || value.trim() === '') throw new Error(`configuration: ${name} is missing or no text`)
  return value
}

function json(file, what) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (e) {
    throw new Error(`configuration: ${what} ${file} cannot be read: ${e.message}`)
  }
}

/** @throws Error with a sentence that names what is wrong */
export function readConfig(file, environment) {
  const config = json(file, 'the file')
  const unknown = Object.keys(config).find(k => !KNOWN.includes(k))
  if (unknown) throw new Error(`configuration: ${unknown} means nothing`)
  const path = name => resolve(dirname(file), text(config, name))
  const key = json(path('keyFile'), 'keyFile')
  const trusted = json(path('trustFile'), 'trustFile').keys
  const extendMillis = readDuration(text(config, 'extendBy', '30m'))
  if (extendMillis === undefined) throw new Error('configuration: extendBy is written 30m or 1h')
  for (const token of ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN']) {
    if (!environment[token]) throw new Error(`configuration: ${token} is not in the environment`)
  }
  return {
    kafka: { brokers: ['127.0.0.1:9092'], ...config.kafka },
    registry: text(config, 'registry', 'http://127.0.0.1:8081/apis/ccompat/v7'),
    key,
    producer: producerOf(key),
    trusted,
    stateFile: path('stateFile'),
    command: text(config, 'command', '/jit'),
    team: config.team === undefined ? undefined : text(config, 'team'),
    approvalsChannel: text(config, 'approvalsChannel'),
    extendMillis,
    people: readPeople(config.people, producerOf(key)),
    slackApiUrl: config.slackApiUrl,
    botToken: environment.SLACK_BOT_TOKEN,
    appToken: environment.SLACK_APP_TOKEN,
  }
}
