// A command or a click, as Slack tells of it, into the record to write and what to answer. Pure.
import { readCommand, USAGE } from '../chat-core/command.mjs'
import { machineNamed } from '../chat-core/machines.mjs'
import { UNMAPPED } from '../chat-core/people.mjs'
import { duration, list, visible } from '../chat-core/text.mjs'
import { ACTIONS, clicked, requestSubmitted } from '../chat-core/wishes.mjs'
import { reasonModal, typed } from './blocks.mjs'

const say = reply => ({ reply })

function speaker(user, team, { people, team: ours }) {
  // The same id may be somebody else's in another workspace.
  return ours !== undefined && team !== ours ? undefined : people.of(user)
}

function resolve(names, machines) {
  const found = names.map(name => machineNamed(name, machines))
  const why = found.find(f => f.why !== undefined)?.why
  return why === undefined ? { ids: [...new Set(found.map(f => f.id))] } : { why }
}

/**
 * @param command of Slack: user_id, team_id, text, trigger_id
 * @param context {people, team, machines: iterable of MachineAssessed, now: milliseconds}
 * @returns {{reply: string, wish?: {type, requestId, event}}} reply is plain text
 */
export function onCommand(command, context) {
  const who = speaker(command.user_id, command.team_id, context)
  if (!who) return say(UNMAPPED)
  const asked = readCommand(typed(command.text ?? ''))
  if (asked.kind === 'help') return say(USAGE)
  if (asked.kind === 'unclear') return say(`${visible(asked.why)}. ${USAGE}`)
  const sources = asked.sources.length > 0 ? asked.sources : who.sources
  if (sources.length === 0) {
    return say(`Slack does not say where you are: add "from" and your address, as in: from 203.0.113.7. ${USAGE}`)
  }
  const { ids, why } = resolve(asked.machines, context.machines)
  if (why !== undefined) return say(`Not asked: ${visible(why)}.`)
  const wish = requestSubmitted(who.identity, { ...asked, machines: ids, sources }, command.trigger_id, context.now)
  return {
    wish,
    reply: `Asked for ${list(ids.map(visible))} from ${list(sources)} for ${duration(asked.durationMillis)}. Request ${wish.requestId}.`,
  }
}

function about(action, value) {
  const read = JSON.parse(value)
  const needed = {
    approve: ['requestId', 'digest', 'machineId'],
    refuse: ['requestId', 'digest', 'machineId'],
    extend: ['requestId', 'grantId', 'machineId', 'expiresAt', 'durationMillis'],
    close: ['requestId', 'grantId', 'machineId'],
  }[action]
  const missing = needed.find(n => !['string', 'number'].includes(typeof read?.[n]))
  if (missing) throw new Error(`the button does not say ${missing}`)
  return read
}

/**
 * @param click user, team, action (the button's action_id), value, channel (where the button is)
 * @returns {{reply?: string, wish?: object, view?: object}} a view is to be opened, and the click wishes nothing by itself; with neither
 *   reply nor view the answer comes over the log
 */
export function onClick(click, context) {
  const who = speaker(click.user, click.team, context)
  if (!who) return say(UNMAPPED)
  if (!ACTIONS.includes(click.action)) return say('This button is not one of ours.')
  try {
    const read = about(click.action, click.value)
    if (click.action === 'refuse') return { view: reasonModal(read, click.channel) }
    return { wish: clicked(click.action, who.identity, read, context.now) }
  } catch (e) {
    return say(`This button cannot be read: ${visible(e.message)}.`)
  }
}

/**
 * The form with the reason of a refusal, as it was sent.
 * @param submitted user, team, metadata (the view's private_metadata), reason
 * @returns {{reply?: string, wish?: object, channel?: string, error?: string}} error: what to show beside the field, the form stays
 */
export function onReason(submitted, context) {
  const who = speaker(submitted.user, submitted.team, context)
  if (!who) return say(UNMAPPED)
  const reason = (submitted.reason ?? '').trim()
  if (reason === '') return { error: 'Say why: whoever asked is told.' }
  try {
    const { channel, ...rest } = JSON.parse(submitted.metadata)
    const wish = clicked('refuse', who.identity, { ...about('refuse', JSON.stringify(rest)), reason }, context.now)
    return { wish, channel }
  } catch (e) {
    return say(`This form cannot be read: ${visible(e.message)}.`)
  }
}
