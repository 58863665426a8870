// A message of chat-core/story.mjs as Slack's blocks. What people wrote stands in plain_text objects only, in which Slack neither
// formats nor mentions; the one text that Slack parses, the notification, is escaped.
import { atMost } from '../chat-core/text.mjs'

const HEADER = 150
const FIELD = 2000
const VALUE = 2000
const LABEL = 75
const NOTIFICATION = 3000
// A section has ten fields, two of which make a fact.
const FACTS = 5

/** For text that Slack parses (https://docs.slack.dev/messaging/formatting-message-text#escaping). */
export const escape = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** What somebody typed, from how Slack hands it over: entities, and links that Slack made of names. */
export const typed = text =>
  text
    .replace(/<(?:mailto:|https?:\/\/|tel:)[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<(https?:\/\/[^|>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

const plain = (text, most) => ({ type: 'plain_text', text: atMost(text || ' ', most), emoji: false })

const SIGNS = { good: '🟢', bad: '🔴', warning: '🟠', neutral: '⚪' }

function button({ action, label, style, about }) {
  const value = JSON.stringify(about)
  if (value.length > VALUE) throw new Error(`a button cannot carry ${value.length} characters`)
  return {
    type: 'button',
    action_id: action,
    text: plain(label, LABEL),
    value,
    ...(style ? { style } : {}),
  }
}

/** Of the form that asks for the reason of a refusal: its callback, and the field's block and action. */
export const REASON = { callback: 'refuse', block: 'reason', action: 'text' }
// As long as a reason is in Postern's other doors; Slack takes 3,000 characters in a field and in private_metadata.
const LONGEST_REASON = 500

/** The form that opens on *Refuse*; `about` is what the button carries, `channel` where it was. */
export function reasonModal(about, channel) {
  return {
    type: 'modal',
    callback_id: REASON.callback,
    private_metadata: JSON.stringify({ ...about, channel }),
    title: plain('Refuse', 24),
    submit: plain('Refuse', 24),
    close: plain('Back', 24),
    blocks: [
      { type: 'section', text: plain(`Access to ${about.machineId}`, FIELD) },
      {
        type: 'input',
        block_id: REASON.block,
        label: plain('Why? Whoever asked is told.', FIELD),
        element: { type: 'plain_text_input', action_id: REASON.action, max_length: LONGEST_REASON },
      },
    ],
  }
}

/** The arguments of chat.postMessage and chat.update, but for the channel. */
export function draw(message) {
  const blocks = [{ type: 'header', text: plain(`${SIGNS[message.tone]} ${message.title}`, HEADER) }]
  for (let i = 0; i < message.facts.length; i += FACTS) {
    const fields = message.facts
      .slice(i, i + FACTS)
      .flatMap(([name, value]) => [{ type: 'mrkdwn', text: `*${escape(name)}*` }, plain(value, FIELD)])
    blocks.push({ type: 'section', fields })
  }
  if (message.buttons.length > 0) blocks.push({ type: 'actions', elements: message.buttons.map(button) })
  return {
    text: escape(atMost([message.title, ...message.facts.map(f => f.join(': '))].join('; '), NOTIFICATION)),
    blocks,
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  }
}
