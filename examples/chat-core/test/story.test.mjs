import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settled, tell, TOLD } from '../story.mjs'
import { atMost, duration, visible } from '../text.mjs'
import { event, EVENTS, MACHINE } from './events.mjs'

const context = { ports: [{ fromPort: 22, toPort: 22, protocol: 'TCP' }], extendMillis: 1_800_000 }
const fact = (message, name) => message.facts.find(([n]) => n === name)?.[1]
const button = (message, action) => message.buttons.find(b => b.action === action)

test('tells of every type that it says it tells of', () => {
  assert.deepEqual([...TOLD].sort(), Object.keys(EVENTS).sort())
  for (const type of TOLD) {
    const message = tell(type, EVENTS[type], context)
    assert.ok(message.title && message.facts.length > 0, type)
    for (const [name, value] of message.facts) {
      assert.ok(typeof value === 'string' && value !== '' && !/undefined|null|NaN|\[object/.test(value), `${type} ${name}: ${value}`)
    }
  }
})

test('says nothing of what is not for people, nor of names that objects have', () => {
  for (const type of ['AccessExpired', 'PartVoted', 'toString', 'constructor', undefined]) assert.equal(tell(type, {}, context), undefined)
})

test('what is approved is shown whole, and the buttons name its digest', () => {
  const message = tell('ApprovalRequested', event('ApprovalRequested', { given: [{ approver: { subject: 'max' } }], level: 2, levels: [{}, {}] }), context)
  assert.equal(message.title, 'alice asks for i-0abc')
  assert.equal(fact(message, 'Machine'), MACHINE)
  assert.equal(fact(message, 'Ports'), '22/TCP')
  assert.equal(fact(message, 'From'), '203.0.113.7/32')
  assert.equal(fact(message, 'For'), '1h')
  assert.equal(fact(message, 'Why'), 'INC-42')
  assert.equal(fact(message, 'Policy'), 'production-ssh version 3, level 2 of 2')
  assert.equal(fact(message, 'Approved so far by'), 'max')
  assert.equal(fact(message, 'Digest'), 'd'.repeat(64))
  for (const action of ['approve', 'refuse']) {
    assert.deepEqual(button(message, action).about, { requestId: 'r-1', digest: 'd'.repeat(64), machineId: MACHINE })
  }
})

test('what cannot be shown whole cannot be approved here', () => {
  const sources = Array.from({ length: 200 }, (_, i) => `203.0.113.${i}/32`)
  const message = tell('ApprovalRequested', event('ApprovalRequested', { sources }), context)
  assert.deepEqual(message.buttons, [])
  assert.match(fact(message, 'Not here'), /too long.*web/)
})

test('says what to type where that is known', () => {
  const opened = (connect, ports) => fact(tell('AccessOpened', event('AccessOpened', { connect }), { ...context, ports }), 'Connect to')
  const at = port => [{ address: '54.220.1.10', port, protocol: 'TCP' }]
  const one = port => [{ fromPort: port, toPort: port, protocol: 'TCP' }]
  assert.equal(opened(at(22), one(22)), '54.220.1.10 port 22: ssh -p 22 54.220.1.10')
  assert.equal(opened(at(40022), one(22)), '54.220.1.10 port 40022: ssh -p 40022 54.220.1.10')
  assert.equal(opened(at(3389), one(3389)), '54.220.1.10 port 3389: mstsc /v:54.220.1.10:3389')
  assert.equal(opened(at(5986), one(5986)), '54.220.1.10 port 5986/TCP')
  assert.equal(opened(at(22), undefined), '54.220.1.10 port 22/TCP')
  assert.equal(opened([...at(22), ...at(23)], [...one(22), ...one(23)]), '54.220.1.10 port 22/TCP, 54.220.1.10 port 23/TCP')
})

test('an open grant can be extended and closed from its message', () => {
  const message = tell('AccessOpened', EVENTS.AccessOpened, context)
  assert.equal(button(message, 'extend').label, 'Extend by 30m')
  assert.deepEqual(button(message, 'extend').about, {
    requestId: 'r-1',
    grantId: 'g-1',
    machineId: MACHINE,
    expiresAt: EVENTS.AccessOpened.expiresAt,
    durationMillis: 1_800_000,
  })
  assert.deepEqual(button(message, 'close').about, { requestId: 'r-1', grantId: 'g-1', machineId: MACHINE })
})

test('a reminder says until when, and extends what it reminds of', () => {
  const message = tell('AccessExpiring', EVENTS.AccessExpiring, context)
  assert.equal(fact(message, 'Until'), '2026-11-24 15:00:00 UTC')
  assert.equal(button(message, 'extend').about.expiresAt, EVENTS.AccessExpiring.expiresAt)
})

test('a settled message has no buttons and says the outcome', () => {
  const message = settled(tell('ApprovalRequested', EVENTS.ApprovalRequested, context), 'granted')
  assert.deepEqual(message.buttons, [])
  assert.equal(fact(message, 'Outcome'), 'granted')
})

test('text of people cannot hide, reorder, or look like another line', () => {
  const hostile = 'INC-1\nFrom: 10.0.0.1\r\n\u202egnihton\u2066 a\u200bb\u00ad\u0007 \u{e0041} \ud800'
  const shown = fact(tell('ApprovalRequested', event('ApprovalRequested', { justification: hostile }), context), 'Why')
  assert.equal(shown, 'INC-1 ⏎ From: 10.0.0.1 ⏎ �gnihton� a�b�� � �')
  const machineId = 'arn:aws:ec2:eu-west-1:1:instance/i-\u202e0'
  for (const type of TOLD) {
    const message = tell(type, event(type, { machineId, requestor: { subject: 'a\nb' }, by: { subject: 'a\nb' } }), context)
    assert.doesNotMatch(JSON.stringify([message.title, message.facts]), /\u202e|\\n/, type)
  }
})

test('text that is too long says how much is missing, and no character is cut in two', () => {
  assert.equal(atMost('short', 5), 'short')
  const cut = atMost('💥'.repeat(100), 60)
  assert.ok(cut.length <= 60 && cut.isWellFormed())
  const [, left] = /… \((\d+) more characters\)$/.exec(cut)
  assert.equal(cut.indexOf('…') + Number(left), 200)
})

test('durations and empty texts', () => {
  assert.deepEqual([0, 90_000, 5_400_000].map(duration), ['0s', '1m30s', '1h30m'])
  assert.equal(visible('  '), '')
})
