// Which subject a chat user stands for. Only the configuration says so: names and addresses that a chat shows can be changed by
// their owner.
import { isSource } from './command.mjs'

function invalid(where, what) {
  throw new Error(`people: ${where} ${what}`)
}

const isText = value => typeof value === 'string' && value.trim() !== ''
const isTexts = value => Array.isArray(value) && value.every(isText)

function person(user, entry, issuer) {
  if (typeof entry !== 'object' || entry === null) invalid(user, 'must be an object')
  const unknown = Object.keys(entry).find(k => !['subject', 'issuer', 'groups', 'sources'].includes(k))
  if (unknown) invalid(user, `has ${unknown}, which means nothing`)
  if (!isText(entry.subject)) invalid(user, 'needs a subject')
  if (entry.issuer !== undefined && !isText(entry.issuer)) invalid(user, 'has an issuer that is no text')
  if (entry.groups !== undefined && !isTexts(entry.groups)) invalid(user, 'has groups that are no list of names')
  const sources = entry.sources ?? []
  if (!isTexts(sources) || !sources.every(isSource)) invalid(user, 'has sources that are no list of addresses')
  return {
    identity: { subject: entry.subject, issuer: entry.issuer ?? issuer, groups: entry.groups ?? [] },
    sources,
  }
}

/** The mapping from a configuration, each entry checked. `issuer` stands where an entry names none. */
export function readPeople(config, issuer) {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) invalid('the mapping', 'must be an object')
  const byUser = new Map(Object.entries(config).map(([user, entry]) => [user, person(user, entry, issuer)]))
  const bySubject = new Map()
  for (const [user, { identity }] of byUser) {
    const name = JSON.stringify([identity.issuer, identity.subject])
    if (bySubject.has(name)) invalid(user, `and ${bySubject.get(name)} stand for the same ${identity.subject}`)
    bySubject.set(name, user)
  }
  return {
    /** Whom the user stands for: `{identity, sources}`, or undefined. */
    of: user => byUser.get(user),
    /** The user that stands for a Person of an event, or undefined. */
    userOf: who => bySubject.get(JSON.stringify([who?.issuer, who?.subject])),
  }
}

export const UNMAPPED =
  'You are not known to Postern: no subject is configured for your chat account. Ask whoever runs this bot to add it.'
