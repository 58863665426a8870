// What was asked for or clicked, as events of jit.requests. The same click makes the same ids, so that a repeat changes nothing.
import { derivedId } from '../node-log/log.mjs'

/** @param {string} occasion what is unique to this command and the same when it is delivered again */
export function requestSubmitted(who, asked, occasion, now) {
  const requestId = derivedId('request', who.issuer, who.subject, occasion)
  return {
    type: 'RequestSubmitted',
    requestId,
    event: {
      eventId: derivedId('submitted', requestId),
      occurredAt: now * 1000,
      requestId,
      requestor: who,
      machines: asked.machines,
      ports: asked.ports,
      sources: asked.sources,
      durationMillis: asked.durationMillis,
      justification: asked.justification,
    },
  }
}

function vote(type, who, { requestId, digest, machineId, reason }, now) {
  return {
    type,
    requestId,
    event: {
      eventId: derivedId(type, requestId, digest, machineId, who.issuer, who.subject),
      occurredAt: now * 1000,
      requestId,
      requestDigest: digest,
      approver: who,
      machineIds: [machineId],
      ...(type === 'ApprovalRefused' && reason ? { reason } : {}),
    },
  }
}

function extend(who, { requestId, grantId, machineId, expiresAt, durationMillis }, now) {
  return {
    type: 'ExtensionRequested',
    requestId,
    event: {
      // One for each end that was shown: clicking twice, or on two messages that show the same end, extends once.
      eventId: derivedId('extend', grantId, expiresAt, who.issuer, who.subject),
      occurredAt: now * 1000,
      requestor: who,
      grantId,
      machineId,
      durationMillis,
    },
  }
}

function close(who, { requestId, grantId, machineId }, now) {
  return {
    type: 'RevocationRequested',
    requestId,
    event: {
      eventId: derivedId('close', grantId, who.issuer, who.subject),
      occurredAt: now * 1000,
      requestor: who,
      grantId,
      machineId,
    },
  }
}

const OF = {
  approve: (who, about, now) => vote('ApprovalGiven', who, about, now),
  refuse: (who, about, now) => vote('ApprovalRefused', who, about, now),
  extend,
  close,
}

/**
 * What a click on a button of `story.mjs` says.
 * @param {string} action the button's
 * @param {object} about the button's, as it was made
 */
export const clicked = (action, who, about, now) => OF[action](who, about, now)

export const ACTIONS = Object.keys(OF)
