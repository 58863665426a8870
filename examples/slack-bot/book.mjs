// What the bot has said, and how far it has read: pure functions over one plain object, which is saved after each record. What an event
// makes the bot say (`sayings`) depends on the book alone; the book changes (`after`) only once that was said. So a bot that is killed
// in between says it again, and nothing is lost. Where an event makes several messages, each is written down (`halfSaid`).
import { LONGEST_FACT, notBelieved, settled, tell, waiting } from '../chat-core/story.mjs'
import { list, time, visible } from '../chat-core/text.mjs'

const DAY = 24 * 3600 * 1000
// Longer than anything lasts: a request may wait for its start for days.
const KEPT = 30 * DAY
const SEEN = 500

export const emptyBook = () => ({ positions: {}, requests: {}, approvals: {}, seen: [] })

/** The book with a request that somebody asks for in the chat. */
export const asked = (book, user, wish) => ({
  ...book,
  requests: {
    ...book.requests,
    [wish.requestId]: {
      user,
      ports: wish.event.ports,
      askedAt: wish.event.occurredAt / 1000,
      machines: Object.fromEntries(wish.event.machines.map(m => [m, { posts: [], until: 0 }])),
    },
  },
})

const keyOf = e => `${e.requestId} ${e.machineId}`

const OUTCOMES = {
  AccessGranted: e => `granted${e.approvers.length > 0 ? `, approved by ${list(e.approvers.map(visible))}` : ''}`,
  AccessDenied: e => `denied: ${e.reasons.map(r => visible(r.message)).join('; ')}`,
  AccessOpened: () => 'open',
  AccessExtended: e => `extended until ${time(e.expiresAt)}`,
  AccessClosed: () => 'closed',
}
// After these nothing comes for that machine.
const LAST = ['AccessDenied', 'AccessClosed']

// Which messages an event makes void. Topics have no order between them: AccessOpened may be read before AccessGranted.
const VOIDS = {
  AccessGranted: p => p.type === 'ApprovalRequested',
  AccessDenied: () => true,
  AccessOpened: p => p.type === 'ApprovalRequested',
  AccessExtended: (p, e) => p.type === 'ApprovalRequested' || p.until < e.expiresAt,
  AccessClosed: () => true,
}
const voids = (type, event, p) => Object.hasOwn(VOIDS, type) && VOIDS[type](p, event)

const post = (channel, message, remember) => ({ do: 'post', channel, message, remember })
const update = ({ channel, ts }, message) => ({ do: 'update', channel, ts, message })

function ofApprovals(book, type, e, { approvalsChannel, extendMillis }) {
  const there = book.approvals[keyOf(e)]
  if (type === 'ApprovalRequested') {
    const message = tell(type, e, { extendMillis })
    return there ? [update(there, message)] : [post(approvalsChannel, message, { approval: keyOf(e) })]
  }
  if (type === 'BreakGlassUsed') return [post(approvalsChannel, tell(type, e, { extendMillis }))]
  return there && ['AccessGranted', 'AccessDenied'].includes(type)
    ? [update(there, settled(there.message, short(OUTCOMES[type](e))))]
    : []
}

const short = text => (text.length > LONGEST_FACT ? `${text.slice(0, LONGEST_FACT)}…` : text)

function ofRequest(book, type, e, { extendMillis }) {
  const request = book.requests[e.requestId]
  const machine = request?.machines[e.machineId]
  if (!machine || type === 'WishRefused') return []
  const remember = { requestId: e.requestId, machineId: e.machineId }
  if (type === 'ApprovalRequested') {
    return machine.waits ? [] : [post(request.user, waiting(e), remember)]
  }
  // Whoever abandons it is told in AccessClosed; a failure that is tried again is told once.
  if (type === 'AccessRevoked' && e.reason === 'USER_REQUESTED') return []
  if (type === 'EnforcementFailed' && machine.failed) return []
  // Its end has moved since.
  const isOlder = machine.until > e.expiresAt
  if (type === 'AccessExpiring' && isOlder) return []
  const message = tell(type, e, { ports: request.ports, extendMillis })
  if (!message) return []
  const over = machine.posts.filter(p => voids(type, e, p)).map(p => update(p, settled(p.message, short(OUTCOMES[type](e)))))
  return [...over, post(request.user, isOlder ? settled(message, `extended until ${time(machine.until)}`) : message, remember)]
}

/**
 * What to do in Slack about an event, in order: updates, which may be done twice, before what is posted.
 * @param context {people, approvalsChannel, extendMillis}
 * @returns {{do: 'post'|'update', channel: string, ts?: string, message: object, remember?: object}[]}
 */
export function sayings(book, type, event, context) {
  if (book.seen.includes(event.eventId)) return []
  if (type === 'WishRefused') {
    const user = context.people.userOf(event.by)
    return user ? [post(user, tell(type, event, context))] : []
  }
  if (type === 'AccessExpiring' && !book.requests[event.requestId]) {
    // Asked for elsewhere: who is known here is reminded here all the same.
    const user = context.people.userOf({ subject: event.requestor, issuer: event.requestorIssuer })
    return user ? [post(user, tell(type, event, context))] : []
  }
  const all = [...ofApprovals(book, type, event, context), ...ofRequest(book, type, event, context)]
  return [...all.filter(s => s.do === 'update'), ...all.filter(s => s.do === 'post')]
}

/** What to say about a record of ours that was not believed. */
export function sayingsOfDeadLetter(book, event, why, { people }) {
  if (book.seen.includes(event.eventId)) return []
  const user = people.userOf(event.requestor ?? event.approver)
  return user ? [post(user, notBelieved(why))] : []
}

const young = (entries, now, at) => Object.fromEntries(Object.entries(entries).filter(([, e]) => at(e) + KEPT > now))

function afterOfRequest(machine, type, e, said) {
  const posted = said.filter(s => s.do === 'post' && s.remember?.machineId !== undefined && s.message.buttons.length > 0)
  return {
    ...machine,
    ...(type === 'ApprovalRequested' ? { waits: true } : {}),
    ...(type === 'EnforcementFailed' ? { failed: true } : {}),
    until: Math.max(machine.until, e.expiresAt ?? 0),
    posts: [
      ...machine.posts.filter(p => said.length === 0 || !voids(type, e, p)),
      ...posted.map(({ channel, ts, message }) => ({ channel, ts, message, type, until: e.expiresAt ?? 0 })),
    ],
  }
}

function requestsAfter(book, type, e, said) {
  const request = book.requests[e.requestId]
  const machine = request?.machines[e.machineId]
  if (!machine) return book.requests
  const machines = { ...request.machines, [e.machineId]: afterOfRequest(machine, type, e, said) }
  if (LAST.includes(type)) delete machines[e.machineId]
  const requests = { ...book.requests, [e.requestId]: { ...request, machines } }
  if (Object.keys(machines).length === 0) delete requests[e.requestId]
  return requests
}

function approvalsAfter(book, type, e, said) {
  const approvals = { ...book.approvals }
  if (type === 'ApprovalRequested') {
    const here = said.find(s => s.remember?.approval === keyOf(e)) ?? said.find(s => s.ts === approvals[keyOf(e)]?.ts)
    if (here?.ts) approvals[keyOf(e)] = { channel: here.channel, ts: here.ts, message: here.message, at: e.occurredAt / 1000 }
  } else if (['AccessGranted', 'AccessDenied'].includes(type)) {
    delete approvals[keyOf(e)]
  }
  return approvals
}

/**
 * The book after an event.
 * @param said the sayings, those that were posted with their channel and ts as Slack answered
 */
export function after(book, type, event, said) {
  const now = event.occurredAt / 1000
  return {
    ...book,
    requests: young(requestsAfter(book, type, event, said), now, r => r.askedAt),
    approvals: young(approvalsAfter(book, type, event, said), now, a => a.at),
    seen: said.length > 0 ? [...book.seen, event.eventId].slice(-SEEN) : book.seen,
  }
}

/** The book after a record of ours was not believed. */
export function afterDeadLetter(book, type, event) {
  const requests = { ...book.requests }
  if (type === 'RequestSubmitted') delete requests[event.requestId]
  return { ...book, requests, seen: [...book.seen, event.eventId].slice(-SEEN) }
}

/** The book while an event makes the bot say several things, some of which are said: `null` for one that Slack did not take. */
export const halfSaid = (book, eventId, done) => ({ ...book, half: { eventId, done } })

/** What of an event was said before the bot was killed. */
export const saidBefore = (book, eventId) => (book.half?.eventId === eventId ? book.half.done : [])

/** The book once an event is done. */
export const done = ({ half: _, ...book }) => book
