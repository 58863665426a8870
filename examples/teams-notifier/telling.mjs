// What of the log is told to a channel. Pure.
import { tell, TOLD } from '../chat-core/story.mjs'

const SEEN = 500

/** Types that a channel wants unless it says otherwise: not each step of each grant. */
export const USUAL = ['ApprovalRequested', 'AccessDenied', 'AccessOpened', 'AccessRevoked', 'AccessClosed', 'EnforcementFailed', 'BreakGlassUsed']

/** @throws Error that names a type that is none, or cannot be told */
export function readTypes(types = USUAL) {
  const wrong = Array.isArray(types) ? types.find(t => !TOLD.includes(t)) : types
  if (wrong !== undefined) throw new Error(`configuration: events: ${wrong} is not one of ${TOLD.join(', ')}`)
  return types
}

export const emptyBook = () => ({ positions: {}, seen: [] })

/** The message for the channel, or undefined. An event that was written twice is told once. */
export function telling(book, types, type, event) {
  if (!types.includes(type) || book.seen.includes(event.eventId)) return undefined
  return tell(type, event, { ports: undefined, extendMillis: 0 })
}

export const told = (book, event) => ({ ...book, seen: [...book.seen, event.eventId].slice(-SEEN) })
