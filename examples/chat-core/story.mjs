// An event as a message for people: {title, tone, facts: [[name, value]...], buttons: [{action, label, style, about}...]}. All
// text is plain and visible (text.mjs); whoever draws it escapes it.
import { duration, list, shortId, time, visible } from './text.mjs'

const port = p => `${p.fromPort === p.toPort ? p.fromPort : `${p.fromPort}-${p.toPort}`}/${p.protocol}`
const person = p => (p ? visible(p.subject) : 'unknown')
const reasons = all => all.map(r => `${visible(r.message)} (${visible(r.code)})`).join('; ')
const words = name => visible(name).toLowerCase().replaceAll('_', ' ')

/** Facts that are longer than this are not shown whole by a chat: what cannot be seen is not approved there. */
export const LONGEST_FACT = 1900

const ENDS = {
  EXPIRED: 'its time was up',
  USER_REQUESTED: 'it was closed early',
  ADMIN_REVOKED: 'it was revoked',
  NEWER_REQUEST_INITIATED: 'a newer request took its place',
  POLICY_REMOVED: 'the policy is gone',
  FAILED: 'it failed',
}

/** What to type, where that can be known. */
function connectLine(endpoint, ports) {
  const there = `${visible(endpoint.address)} port ${endpoint.port}`
  const only = ports?.length === 1 && ports[0].fromPort === ports[0].toPort ? ports[0].fromPort : undefined
  if (only === 22) return `${there}: ssh -p ${endpoint.port} ${visible(endpoint.address)}`
  if (only === 3389) return `${there}: mstsc /v:${visible(endpoint.address)}:${endpoint.port}`
  return `${there}/${endpoint.protocol}`
}

function asked(e) {
  return [
    ['Who', person(e.requestor)],
    ['Machine', visible(e.machineId)],
    ['Ports', list(e.ports.map(port))],
    ['From', list(e.sources.map(visible))],
    ['For', duration(e.durationMillis)],
    ...(e.startAt ? [['Begins', time(e.startAt)]] : []),
    ['Why', e.justification ? visible(e.justification) : 'no justification'],
    ...(e.together?.length > 1 ? [['Together with', list(e.together.filter(m => m !== e.machineId).map(visible))]] : []),
  ]
}

function approvalRequested(e) {
  const facts = [
    ...asked(e),
    ...(e.findings ?? []).map(f => ['Looked up', visible(`${words(f.kind)} ${f.subject}: ${words(f.result)}, ${f.detail}`)]),
    ['Policy', `${visible(e.policyId)} version ${e.policyVersion}, level ${e.level} of ${Math.max(e.levels.length, 1)}`],
    ...(e.given.length > 0 ? [['Approved so far by', list(e.given.map(g => person(g.approver)))]] : []),
    ['Times out', time(e.timesOutAt)],
    ['Digest', visible(e.requestDigest)],
  ]
  const about = { requestId: e.requestId, digest: e.requestDigest, machineId: e.machineId }
  const whole = facts.every(([, value]) => value.length <= LONGEST_FACT)
  return {
    title: `${person(e.requestor)} asks for ${shortId(visible(e.machineId))}`,
    tone: 'warning',
    facts: whole ? facts : [...facts, ['Not here', 'This request is too long to be shown whole. Approve it on the web.']],
    buttons: whole
      ? [
          { action: 'approve', label: 'Approve', style: 'primary', about },
          { action: 'refuse', label: 'Refuse', style: 'danger', about },
        ]
      : [],
  }
}

function running(e, extendMillis) {
  const about = { requestId: e.requestId, grantId: e.grantId, machineId: e.machineId }
  return [
    {
      action: 'extend',
      label: `Extend by ${duration(extendMillis)}`,
      about: { ...about, expiresAt: Number(e.expiresAt), durationMillis: extendMillis },
    },
    { action: 'close', label: 'Close now', style: 'danger', about },
  ]
}

const STORY = {
  ApprovalRequested: approvalRequested,
  AccessGranted: e => ({
    title: `Granted: ${shortId(visible(e.machineId))}`,
    tone: 'neutral',
    facts: [
      ['Who', person(e.requestor)],
      ['Machine', visible(e.machineId)],
      ['Ports', list(e.ports.map(port))],
      ['From', list(e.sources.map(visible))],
      ['Time', `${time(e.startsAt)} until ${time(e.expiresAt)}`],
      ['Policy', `${visible(e.policyId)} version ${e.policyVersion}`],
      ...(e.approvers.length > 0 ? [['Approved by', list(e.approvers.map(visible))]] : []),
      ['Now', 'It is being opened. Connect when it is said to be open.'],
    ],
  }),
  AccessDenied: e => ({
    title: `Denied: ${shortId(visible(e.machineId))}`,
    tone: 'bad',
    facts: [
      ['Who', person(e.requestor)],
      ['Machine', visible(e.machineId)],
      ...(e.policyId ? [['Policy', `${visible(e.policyId)} version ${e.policyVersion}`]] : []),
      ['Because', reasons(e.reasons)],
    ],
  }),
  AccessOpened: (e, { ports, extendMillis }) => ({
    title: `Open: ${shortId(visible(e.machineId))}`,
    tone: 'good',
    facts: [
      ['Connect to', list(e.connect.map(c => connectLine(c, ports)))],
      ['From', list(e.sources.map(visible))],
      ['Until', time(e.expiresAt)],
      ['Machine', visible(e.machineId)],
    ],
    buttons: running(e, extendMillis),
  }),
  AccessExtended: (e, { extendMillis }) => ({
    title: `Extended: ${shortId(visible(e.machineId))}`,
    tone: 'good',
    facts: [
      ['Until', time(e.expiresAt)],
      ['Machine', visible(e.machineId)],
    ],
    buttons: running(e, extendMillis),
  }),
  AccessExpiring: (e, { extendMillis }) => ({
    title: `Ends soon: ${shortId(visible(e.machineId))}`,
    tone: 'warning',
    facts: [
      ['Until', time(e.expiresAt)],
      ['Machine', visible(e.machineId)],
    ],
    buttons: running(e, extendMillis),
  }),
  AccessRevoked: e => ({
    title: `Ended early: ${shortId(visible(e.machineId))}`,
    tone: 'warning',
    facts: [
      ['Because', ENDS[e.reason] ?? words(e.reason)],
      ...(e.revokedBy ? [['By', visible(e.revokedBy)]] : []),
      ['Machine', visible(e.machineId)],
    ],
  }),
  AccessClosed: e => ({
    title: `Closed: ${shortId(visible(e.machineId))}`,
    tone: 'neutral',
    facts: [
      ['Because', ENDS[e.reason] ?? words(e.reason)],
      ['Machine', visible(e.machineId)],
      ['Established connections', visible(e.establishedConnections)],
    ],
  }),
  EnforcementFailed: e => ({
    title: `Failed: ${words(e.operation)} ${shortId(visible(e.machineId))}`,
    tone: 'bad',
    facts: [
      ['Because', `${visible(e.message)} (${visible(e.code)})`],
      ['Machine', visible(e.machineId)],
      ['Now', e.willRetry ? 'It is tried again.' : 'It is not tried again.'],
    ],
  }),
  WishRefused: e => ({
    title: `Not done: ${shortId(visible(e.machineId))}`,
    tone: 'bad',
    facts: [
      ['Because', reasons([e.reason])],
      ['Machine', visible(e.machineId)],
    ],
  }),
  BreakGlassUsed: e => ({
    title: `Emergency: ${person(e.requestor)} broke the glass on ${shortId(visible(e.machineId))}`,
    tone: 'bad',
    facts: [
      ['Machine', visible(e.machineId)],
      ['Policy', visible(e.policyId)],
      ['Why', e.justification ? visible(e.justification) : 'no justification'],
    ],
  }),
}

/** A record of ours that was not believed. */
export const notBelieved = ({ code, message }) => ({
  title: 'Not believed by Postern',
  tone: 'bad',
  facts: [['Because', `${visible(message)} (${visible(code)})`]],
  buttons: [],
})

/** To who asked, while somebody else must approve: with a button that takes the request back. */
export const waiting = e => ({
  title: `Waiting for approval: ${shortId(visible(e.machineId))}`,
  tone: 'neutral',
  facts: [
    ['Machine', visible(e.machineId)],
    ['Times out', time(e.timesOutAt)],
  ],
  buttons: [
    {
      action: 'close',
      label: 'Take it back',
      style: 'danger',
      about: { requestId: e.requestId, grantId: e.grantId, machineId: e.machineId },
    },
  ],
})

/** Types of events that make a message. */
export const TOLD = Object.keys(STORY)

/**
 * @param {{ports?: object[], extendMillis: number}} context what was asked for, where it is known, and by how much a click extends
 * @returns the message, or undefined for a type that is not for people
 */
export function tell(type, event, context) {
  if (!Object.hasOwn(STORY, type)) return undefined
  return { facts: [], buttons: [], ...STORY[type](event, context) }
}

/** The same message once nothing can be done about it any more. */
export const settled = (message, outcome) => ({
  ...message,
  tone: 'neutral',
  buttons: [],
  facts: [...message.facts, ['Outcome', outcome]],
})
