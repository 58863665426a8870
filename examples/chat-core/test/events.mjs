// Events as the log has them, for tests of all chats.
export const MACHINE = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc'
const micros = text => Date.parse(text) * 1000
const base = {
  eventId: 'e-1',
  occurredAt: micros('2026-11-24T14:00:00Z'),
  requestId: 'r-1',
  grantId: 'g-1',
  machineId: MACHINE,
  scope: 'aws:123456789012:eu-west-1',
}
export const ALICE = { subject: 'alice', issuer: 'bot', groups: [] }
const ports = [{ fromPort: 22, toPort: 22, protocol: 'TCP' }]
const expiresAt = micros('2026-11-24T15:00:00Z')

export const EVENTS = {
  ApprovalRequested: {
    ...base,
    requestDigest: 'd'.repeat(64),
    policyId: 'production-ssh',
    policyVersion: 3,
    timesOutAt: expiresAt,
    requestor: ALICE,
    ports,
    sources: ['203.0.113.7/32'],
    durationMillis: 3_600_000,
    justification: 'INC-42',
    level: 1,
    levels: [{}],
    given: [],
    startAt: null,
    findings: [],
    together: [],
  },
  AccessGranted: {
    ...base,
    requestor: ALICE,
    ports,
    sources: ['203.0.113.7/32'],
    startsAt: base.occurredAt,
    expiresAt,
    policyId: 'production-ssh',
    policyVersion: 3,
    approvers: ['lea'],
  },
  AccessDenied: { ...base, requestor: ALICE, policyId: null, policyVersion: 0, reasons: [{ code: 'NO_POLICY', message: 'no policy covers the machine' }] },
  AccessOpened: { ...base, sources: ['203.0.113.7/32'], connect: [{ address: '54.220.1.10', port: 22, protocol: 'TCP' }], expiresAt },
  AccessExtended: { ...base, expiresAt: expiresAt + 60_000_000 },
  AccessExpiring: { ...base, requestor: 'alice', requestorIssuer: 'bot', dueAt: expiresAt - 600_000_000, expiresAt },
  AccessRevoked: { ...base, reason: 'ADMIN_REVOKED', revokedBy: 'root' },
  AccessClosed: { ...base, reason: 'EXPIRED', establishedConnections: 'they go on' },
  EnforcementFailed: { ...base, operation: 'OPEN', code: 'CLOUD_DENIED', message: 'may not write', willRetry: false },
  WishRefused: { ...base, by: ALICE, answers: 'e-0', reason: { code: 'SELF_APPROVAL', message: 'alice asked' } },
  BreakGlassUsed: { ...base, requestor: ALICE, policyId: 'production-ssh', justification: 'fire' },
}

/** An event with other fields, and an id of its own. */
export const event = (type, more = {}) => ({ ...EVENTS[type], eventId: `${type}-${JSON.stringify(more)}`, ...more })
