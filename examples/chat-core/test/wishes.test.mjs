import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACTIONS, clicked, requestSubmitted } from '../wishes.mjs'

const alice = { subject: 'alice', issuer: 'bot', groups: [] }
const bob = { subject: 'bob', issuer: 'bot', groups: [] }
const about = { requestId: 'r', digest: 'd', machineId: 'm', grantId: 'g', expiresAt: 7, durationMillis: 60_000 }
const asked = { machines: ['m'], ports: [], sources: ['1.2.3.4'], durationMillis: 1, justification: null }
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('the same command is the same request, and another one is another', () => {
  const first = requestSubmitted(alice, asked, 't1', 1000)
  assert.match(first.requestId, UUID)
  assert.equal(first.event.occurredAt, 1_000_000)
  assert.equal(requestSubmitted(alice, asked, 't1', 2000).requestId, first.requestId)
  assert.equal(requestSubmitted(alice, asked, 't1', 2000).event.eventId, first.event.eventId)
  assert.notEqual(requestSubmitted(alice, asked, 't2', 1000).requestId, first.requestId)
  assert.notEqual(requestSubmitted(bob, asked, 't1', 1000).requestId, first.requestId)
})

test('a click says what the button says, in the name of who clicked', () => {
  assert.deepEqual(ACTIONS, ['approve', 'refuse', 'extend', 'close'])
  const types = ACTIONS.map(a => clicked(a, bob, about, 1).type)
  assert.deepEqual(types, ['ApprovalGiven', 'ApprovalRefused', 'ExtensionRequested', 'RevocationRequested'])
  const { event } = clicked('approve', bob, about, 1)
  assert.deepEqual([event.requestId, event.requestDigest, event.machineIds, event.approver], ['r', 'd', ['m'], bob])
  const { event: more } = clicked('extend', alice, about, 1)
  assert.deepEqual([more.grantId, more.machineId, more.durationMillis, more.requestor], ['g', 'm', 60_000, alice])
})

test('a second click is the same event; another person, digest or end is not', () => {
  const id = (action, who, more = {}) => clicked(action, who, { ...about, ...more }, Math.random()).event.eventId
  for (const action of ACTIONS) {
    assert.match(id(action, alice), UUID)
    assert.equal(id(action, alice), id(action, alice))
    assert.notEqual(id(action, alice), id(action, bob))
  }
  assert.equal(new Set(ACTIONS.map(a => id(a, alice))).size, ACTIONS.length)
  assert.notEqual(id('approve', alice), id('approve', alice, { digest: 'e' }))
  assert.notEqual(id('extend', alice), id('extend', alice, { expiresAt: 8 }))
})
