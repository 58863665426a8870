import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPeople, UNMAPPED } from '../../chat-core/people.mjs'
import { onClick, onCommand, onReason } from '../asking.mjs'

const people = readPeople({ UA: { subject: 'alice', groups: ['sre'], sources: ['203.0.113.7'] }, UB: { subject: 'bob' } }, 'bot')
const machines = [
  { machineId: 'arn:1/i-1', name: 'web-01' },
  { machineId: 'arn:1/i-2', name: 'twin' },
  { machineId: 'arn:1/i-3', name: 'twin' },
]
const context = { people, team: 'T1', machines, now: 1000 }
const command = (text, more = {}) => ({ user_id: 'UA', team_id: 'T1', trigger_id: 't', text, ...more })

test('asks in the name of the subject, with its groups and addresses', () => {
  const { reply, wish } = onCommand(command('web-01 22 1h INC-42 &lt;now&gt;'), context)
  assert.equal(wish.type, 'RequestSubmitted')
  assert.deepEqual(wish.event.requestor, { subject: 'alice', issuer: 'bot', groups: ['sre'] })
  assert.deepEqual(wish.event.machines, ['arn:1/i-1'])
  assert.deepEqual(wish.event.sources, ['203.0.113.7'])
  assert.equal(wish.event.justification, 'INC-42 <now>')
  assert.ok(reply.includes(wish.requestId))
})

test('an address that is given counts, and one is needed', () => {
  assert.deepEqual(onCommand(command('web-01 22 1h from 198.51.100.1'), context).wish.event.sources, ['198.51.100.1'])
  const { reply, wish } = onCommand(command('web-01 22 1h', { user_id: 'UB' }), context)
  assert.equal(wish, undefined)
  assert.match(reply, /Slack does not say where you are/)
})

test('nobody speaks who is not mapped, or comes from another workspace', () => {
  const click = { user: 'UX', team: 'T1', action: 'approve', value: '{}' }
  for (const answer of [
    onCommand(command('web-01 22 1h', { user_id: 'UX' }), context),
    onCommand(command('web-01 22 1h', { team_id: 'T2' }), context),
    onCommand(command('web-01 22 1h', { user_id: 'constructor' }), context),
    onClick(click, context),
    onClick({ ...click, user: 'UA', team: 'T2' }, context),
    onClick({ ...click, user: 'UA', team: undefined }, context),
  ]) {
    assert.deepEqual(answer, { reply: UNMAPPED })
  }
})

test('without a workspace in the configuration the id alone counts', () => {
  assert.ok(onCommand(command('web-01 22 1h', { team_id: 'T9' }), { ...context, team: undefined }).wish)
})

test('says what cannot be asked', () => {
  const reply = text => {
    const answer = onCommand(command(text), context)
    assert.equal(answer.wish, undefined, text)
    return answer.reply
  }
  assert.match(reply(''), /^\/jit MACHINE/)
  assert.match(reply('web-01 http 1h'), /a port is a number/)
  assert.match(reply('nothere 22 1h'), /no machine is called nothere/)
  assert.match(reply('twin 22 1h'), /2 machines are called twin.*i-2.*i-3/)
  assert.match(reply('\u202eevil 22 1h'), /no machine is called �evil/)
})

test('a click becomes a wish of who clicked, and a broken button none', () => {
  const value = JSON.stringify({ requestId: 'r', digest: 'd', machineId: 'm' })
  const { wish, reply } = onClick({ user: 'UB', team: 'T1', action: 'approve', value }, context)
  assert.equal(reply, undefined)
  assert.deepEqual([wish.type, wish.requestId, wish.event.approver.subject], ['ApprovalGiven', 'r', 'bob'])
  for (const broken of ['', 'null', '[]', '{"requestId": "r"}', '{"requestId": "r", "digest": {}, "machineId": "m"}', undefined]) {
    const answer = onClick({ user: 'UB', team: 'T1', action: 'approve', value: broken }, context)
    assert.equal(answer.wish, undefined)
    assert.match(answer.reply, /cannot be read/)
  }
  assert.match(onClick({ user: 'UB', team: 'T1', action: 'toString', value }, context).reply, /not one of ours/)
})

test('refusing asks for a reason first, and says it in the wish', () => {
  const value = JSON.stringify({ requestId: 'r', digest: 'd', machineId: 'm' })
  const { wish, view } = onClick({ user: 'UB', team: 'T1', action: 'refuse', value, channel: 'C1' }, context)
  assert.equal(wish, undefined)
  const sent = { user: 'UB', team: 'T1', metadata: view.private_metadata }
  for (const reason of [undefined, null, '', ' \n']) assert.ok(onReason({ ...sent, reason }, context).error)
  const refused = onReason({ ...sent, reason: ' not today ' }, context)
  assert.deepEqual(
    [refused.channel, refused.wish.type, refused.wish.requestId, refused.wish.event.reason, refused.wish.event.machineIds, refused.wish.event.approver.subject],
    ['C1', 'ApprovalRefused', 'r', 'not today', ['m'], 'bob'],
  )
  // Sent twice by Slack, or by the same person with another reason: one refusal.
  assert.equal(onReason({ ...sent, reason: 'x' }, context).wish.event.eventId, refused.wish.event.eventId)
  assert.deepEqual(onReason({ ...sent, user: 'UX', reason: 'x' }, context), { reply: UNMAPPED })
  assert.match(onReason({ ...sent, metadata: '{"requestId": "r"}', reason: 'x' }, context).reply, /form cannot be read/)
})
