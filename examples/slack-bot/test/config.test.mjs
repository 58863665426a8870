import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig } from '../config.mjs'
import { openStore } from '../../node-log/store.mjs'

const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }
const example = JSON.parse(readFileSync(new URL('../config.example.json', import.meta.url), 'utf8'))

function inDirectory(work) {
  const dir = mkdtempSync(join(tmpdir(), 'slack-bot-'))
  try {
    return work(dir)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const read = (dir, config, environment = tokens) => {
  writeFileSync(join(dir, 'slack-bot.jwk'), JSON.stringify({ kid: 'slack-bot/1' }))
  writeFileSync(join(dir, 'trust.json'), '{"keys": []}')
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ ...example, trustFile: 'trust.json', ...config }))
  return readConfig(join(dir, 'config.json'), environment)
}

test('the example is a configuration; files are looked for beside it', () => {
  inDirectory(dir => {
    const config = read(dir, {})
    assert.equal(config.stateFile, join(dir, 'slack-bot.state.json'))
    assert.equal(config.extendMillis, 1_800_000)
    assert.equal(config.people.of('U0LEA').identity.issuer, 'slack-bot')
  })
})

test('what is wrong stops the start with a sentence', () => {
  inDirectory(dir => {
    const wrong = [
      [{ extendBy: 'soon' }, /extendBy/],
      [{ aprovalsChannel: 'C' }, /aprovalsChannel means nothing/],
      [{ approvalsChannel: undefined }, /approvalsChannel is missing/],
      [{ keyFile: 'nowhere.jwk' }, /keyFile .*nowhere.jwk cannot be read/],
      [{ people: { U1: {} } }, /U1 needs a subject/],
      [{ team: 7 }, /team/],
    ]
    for (const [config, message] of wrong) assert.throws(() => read(dir, config), message)
    assert.throws(() => read(dir, {}, { SLACK_BOT_TOKEN: 'xoxb-1' }), /SLACK_APP_TOKEN/)
  })
})

test('the book is on the disk when it is set', () => {
  inDirectory(dir => {
    const file = join(dir, 'state.json')
    openStore(file, {}).set({ positions: { t: { 0: '5' } } })
    assert.deepEqual(openStore(file, {}).get(), { positions: { t: { 0: '5' } } })
  })
})
