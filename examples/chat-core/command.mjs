// What somebody typed after `/jit`, understood or answered.
import { isIP } from 'node:net'

export const USAGE =
  '/jit MACHINE PORT DURATION [from ADDRESS] JUSTIFICATION, for example: /jit web-01 22 1h INC-42. ' +
  'Several machines, ports or addresses are separated by commas; a port may be a range or UDP: 8000-8010, 53/udp.'

const LONGEST = 2000
const LONGEST_JUSTIFICATION = 500
const MOST = 20

class Unclear extends Error {}

/** Reads `15m`, `1h30m`, `90s` or `PT15M`; milliseconds, or undefined. */
export function readDuration(text) {
  const parts = /^(?:PT)?(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?$/.exec(text.toUpperCase())
  if (!parts || text === '' || text.toUpperCase() === 'PT') return undefined
  const [hours, minutes, seconds] = parts.slice(1).map(n => Number(n ?? 0))
  const millis = ((hours * 60 + minutes) * 60 + seconds) * 1000
  return millis > 0 ? millis : undefined
}

function pieces(text, what) {
  const found = text.split(',').filter(p => p !== '')
  if (found.length === 0) throw new Unclear(`${what} is missing`)
  if (found.length > MOST) throw new Unclear(`at most ${MOST} at a time, given: ${found.length} of ${what}`)
  return [...new Set(found)]
}

function readPort(text) {
  const parts = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/i.exec(text)
  const from = Number(parts?.[1])
  const to = Number(parts?.[2] ?? parts?.[1])
  if (!parts || from < 1 || to > 65535 || from > to) {
    throw new Unclear(`a port is a number from 1 to 65535, a range, or one with /udp, given: ${text}`)
  }
  return { fromPort: from, toPort: to, protocol: (parts[3] ?? 'TCP').toUpperCase() }
}

/** An address or CIDR, as it was written; policy-service decides how wide it may be. */
export function isSource(text) {
  const [address, prefix, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0 || address.includes('%')) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

function readSource(text) {
  if (!isSource(text)) throw new Unclear(`an address is written 203.0.113.7 or 203.0.113.0/28, given: ${text}`)
  return text
}

function read(words) {
  const [machines, ports, forHowLong, ...rest] = words
  if (forHowLong === undefined) throw new Unclear('machine, port and duration are needed')
  const durationMillis = readDuration(forHowLong)
  if (durationMillis === undefined) throw new Unclear(`a duration is written 15m, 1h30m or 90s, given: ${forHowLong}`)
  const from = rest[0]?.toLowerCase() === 'from'
  if (from && rest[1] === undefined) throw new Unclear('an address is to follow "from"')
  const justification = rest.slice(from ? 2 : 0).join(' ')
  if (justification.length > LONGEST_JUSTIFICATION) {
    throw new Unclear(`a justification has at most ${LONGEST_JUSTIFICATION} characters, given: ${justification.length}`)
  }
  return {
    kind: 'request',
    machines: pieces(machines, 'machines'),
    ports: pieces(ports, 'ports').map(readPort),
    durationMillis,
    sources: from ? pieces(rest[1], 'addresses').map(readSource) : [],
    justification: justification === '' ? null : justification,
  }
}

/**
 * @returns {{kind: 'request', machines: string[], ports: object[], durationMillis: number, sources: string[], justification: string|null}
 *   | {kind: 'help'} | {kind: 'unclear', why: string}} machines are still names; no sources means those of the person
 */
export function readCommand(text) {
  if (text.length > LONGEST) return { kind: 'unclear', why: `that is too long: ${text.length} characters, at most ${LONGEST}` }
  const words = text.split(/\s+/u).filter(w => w !== '')
  if (words.length === 0 || (words.length === 1 && words[0].toLowerCase() === 'help')) return { kind: 'help' }
  try {
    return read(words)
  } catch (e) {
    if (e instanceof Unclear) return { kind: 'unclear', why: e.message }
    throw e
  }
}
