import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPeople } from '../../chat-core/people.mjs'
import { event, MACHINE } from '../../chat-core/test/events.mjs'
import { readTo } from '../../node-log/store.mjs'
import { after, afterDeadLetter, asked, done, emptyBook, halfSaid, saidBefore, sayings, sayingsOfDeadLetter } from '../book.mjs'

const people = readPeople({ UA: { subject: 'alice' }, UL: { subject: 'lea' } }, 'bot')
const context = { people, approvalsChannel: 'CAPP', extendMillis: 60_000 }
const wish = {
  requestId: 'r-1',
  event: { machines: [MACHINE], ports: [{ fromPort: 22, toPort: 22, protocol: 'TCP' }], occurredAt: Date.parse('2026-11-24T13:59:00Z') * 1000 },
}

/** A bot and a Slack in one: says everything, and shows what stands where. */
class Told {
  book = asked(emptyBook(), 'UA', wish)
  serial = 0
  shown = new Map()
  tell(type, more) {
    const e = event(type, more)
    const said = sayings(this.book, type, e, context).map(s => (s.do === 'post' ? { ...s, ts: `${++this.serial}` } : s))
    for (const s of said) this.shown.set(`${s.channel} ${s.ts}`, s.message)
    this.book = after(this.book, type, e, said)
    return said.map(s => `${s.do} ${s.channel}: ${s.message.title}`)
  }
  buttons() {
    return [...this.shown.values()].flatMap(m => m.buttons.map(b => `${m.title}: ${b.action}`))
  }
}

test('from approval to closed: who is told what, and which buttons are left', () => {
  const told = new Told()
  assert.deepEqual(told.tell('ApprovalRequested'), ['post CAPP: alice asks for i-0abc', 'post UA: Waiting for approval: i-0abc'])
  assert.deepEqual(told.buttons(), ['alice asks for i-0abc: approve', 'alice asks for i-0abc: refuse', 'Waiting for approval: i-0abc: close'])

  assert.deepEqual(told.tell('ApprovalRequested', { given: [{ approver: { subject: 'max' } }] }), ['update CAPP: alice asks for i-0abc'])

  assert.deepEqual(told.tell('AccessGranted'), [
    'update CAPP: alice asks for i-0abc',
    'update UA: Waiting for approval: i-0abc',
    'post UA: Granted: i-0abc',
  ])
  assert.deepEqual(told.buttons(), [])
  assert.deepEqual([...told.shown.values()][0].facts.at(-1), ['Outcome', 'granted, approved by lea'])

  assert.deepEqual(told.tell('AccessOpened'), ['post UA: Open: i-0abc'])
  assert.deepEqual(told.tell('AccessExpiring'), ['post UA: Ends soon: i-0abc'])
  assert.deepEqual(told.tell('AccessExpiring'), [])
  assert.deepEqual(told.tell('AccessExtended'), ['update UA: Open: i-0abc', 'update UA: Ends soon: i-0abc', 'post UA: Extended: i-0abc'])
  assert.deepEqual(told.buttons(), ['Extended: i-0abc: extend', 'Extended: i-0abc: close'])

  assert.deepEqual(told.tell('AccessClosed'), ['update UA: Extended: i-0abc', 'post UA: Closed: i-0abc'])
  assert.deepEqual(told.buttons(), [])
  assert.deepEqual(told.book.requests, {})
  assert.deepEqual(told.book.approvals, {})
})

test('a request of the web is shown to the approvers, and its end too', () => {
  const told = new Told()
  assert.deepEqual(told.tell('ApprovalRequested', { requestId: 'r-web' }), ['post CAPP: alice asks for i-0abc'])
  assert.deepEqual(told.tell('AccessDenied', { requestId: 'r-web' }), ['update CAPP: alice asks for i-0abc'])
  assert.deepEqual(told.tell('AccessOpened', { requestId: 'r-web' }), [])
  assert.deepEqual(told.buttons(), [])
})

test('who asked elsewhere is reminded too, if it is the very same identity', () => {
  const told = new Told()
  assert.deepEqual(told.tell('AccessExpiring', { requestId: 'r-web' }), ['post UA: Ends soon: i-0abc'])
  assert.deepEqual(told.tell('AccessExpiring', { requestId: 'r-web', requestorIssuer: 'idp' }), [])
})

test('the same event again says nothing', () => {
  const told = new Told()
  for (const type of ['ApprovalRequested', 'AccessGranted', 'AccessOpened', 'AccessRevoked', 'EnforcementFailed', 'WishRefused', 'BreakGlassUsed']) {
    assert.notDeepEqual(told.tell(type), [], type)
    assert.deepEqual(told.tell(type), [], type)
  }
})

/** All orders in which a reader may see these lists, each of which keeps its own order. */
function interleavings(lists) {
  const left = lists.filter(l => l.length > 0)
  if (left.length === 0) return [[]]
  return left.flatMap(l => interleavings(left.map(m => (m === l ? m.slice(1) : m))).map(rest => [l[0], ...rest]))
}

test('whatever order topics come in, nothing is lost and only the newest end has buttons', () => {
  const old = { expiresAt: 1_800_000_000_000_000 }
  const later = { expiresAt: 1_800_000_600_000_000 }
  const decisions = [['ApprovalRequested'], ['AccessGranted', old], ['AccessExtended', later]]
  const orders = interleavings([decisions, [['AccessOpened', old]], [['AccessExpiring', old], ['AccessExpiring', later]]])
  assert.equal(orders.length, 60)
  for (const order of orders) {
    const told = new Told()
    const posted = order.flatMap(([type, more]) => told.tell(type, more)).filter(s => s.startsWith('post UA'))
    const name = order.map(([type, more]) => `${type} ${more === later ? 'later' : ''}`).join()
    for (const title of ['Waiting', 'Granted', 'Open', 'Extended', 'Ends soon']) assert.ok(posted.some(p => p.includes(title)), `${name}: ${title}`)
    const ends = [...told.shown.values()].flatMap(m => m.buttons.map(b => b.about.expiresAt ?? later.expiresAt))
    assert.ok(ends.length > 0 && ends.every(e => e === later.expiresAt), name)
    assert.ok(!told.buttons().some(b => b.includes('approve') || b.startsWith('Waiting')), name)
    told.tell('AccessClosed')
    assert.deepEqual(told.buttons(), [], name)
  }
})

test('a request over two machines goes on until both are over', () => {
  const other = MACHINE.replace('0abc', '0def')
  const told = new Told()
  told.book = asked(emptyBook(), 'UA', { ...wish, event: { ...wish.event, machines: [MACHINE, other] } })
  told.tell('AccessDenied')
  assert.deepEqual(told.tell('AccessOpened', { machineId: other, grantId: 'g-2' }), ['post UA: Open: i-0def'])
  told.tell('AccessClosed', { machineId: other, grantId: 'g-2' })
  assert.deepEqual(told.book.requests, {})
})

test('what was not said is not remembered: the book changes only after', () => {
  const told = new Told()
  const before = structuredClone(told.book)
  const e = event('ApprovalRequested')
  const first = sayings(told.book, 'ApprovalRequested', e, context)
  assert.deepEqual(told.book, before)
  assert.deepEqual(sayings(told.book, 'ApprovalRequested', e, context), first)
})

test('who closes it is told once, an administrator\'s hand is told apart', () => {
  const told = new Told()
  assert.deepEqual(told.tell('AccessRevoked', { reason: 'USER_REQUESTED' }), [])
  assert.deepEqual(told.tell('AccessRevoked', { reason: 'ADMIN_REVOKED' }), ['post UA: Ended early: i-0abc'])
})

test('a failure that is tried again and again is told once', () => {
  const told = new Told()
  assert.equal(told.tell('EnforcementFailed', { willRetry: true, code: 'A' }).length, 1)
  assert.equal(told.tell('EnforcementFailed', { willRetry: true, code: 'B' }).length, 0)
})

test('a refused wish is told to who had it, and to nobody else', () => {
  const told = new Told()
  assert.deepEqual(told.tell('WishRefused', { by: { subject: 'lea', issuer: 'bot' } }), ['post UL: Not done: i-0abc'])
  assert.deepEqual(told.tell('WishRefused', { by: { subject: 'lea', issuer: 'elsewhere' } }), [])
})

test('a record that was not believed is told once to who spoke, and its request is over', () => {
  let book = asked(emptyBook(), 'UA', wish)
  const e = { eventId: 'x', requestId: 'r-1', requestor: { subject: 'alice', issuer: 'bot' } }
  const why = { code: 'NOT_ALLOWED_TO_SPEAK', message: 'may not' }
  assert.deepEqual(sayingsOfDeadLetter(book, e, why, context).map(s => [s.channel, s.message.facts[0][1]]), [['UA', 'may not (NOT_ALLOWED_TO_SPEAK)']])
  book = afterDeadLetter(book, 'RequestSubmitted', e)
  assert.deepEqual(sayingsOfDeadLetter(book, e, why, context), [])
  assert.deepEqual(book.requests, {})
})

test('the book does not grow for ever', () => {
  const told = new Told()
  for (let i = 0; i < 1000; i++) told.tell('ApprovalRequested', { requestId: `r-${i + 10}` })
  assert.equal(told.book.seen.length, 500)
  told.tell('WishRefused', { occurredAt: Date.parse('2027-02-01T00:00:00Z') * 1000 })
  assert.deepEqual([told.book.requests, told.book.approvals], [{}, {}])
})

test('positions are kept for each partition', () => {
  const book = readTo(readTo(readTo(emptyBook(), 't', 0, '5'), 't', 1, '7'), 't', 0, '6')
  assert.deepEqual(book.positions, { t: { 0: '6', 1: '7' } })
})

test('what was said of an event before the end is known, until the event is done', () => {
  const book = halfSaid(emptyBook(), 'e-1', [{ ts: '1' }, null])
  assert.deepEqual(saidBefore(book, 'e-1'), [{ ts: '1' }, null])
  assert.deepEqual(saidBefore(book, 'e-2'), [])
  assert.deepEqual(saidBefore(done(book), 'e-1'), [])
})
