// A message of chat-core/story.mjs as an Adaptive Card in the envelope of a Workflows webhook. All text stands in text runs, in which
// Teams neither formats nor mentions; buttons are left out, since a webhook hears nothing back.
import { atMost } from '../chat-core/text.mjs'

// A webhook takes 28 KB (https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages).
const MOST_BYTES = 26_000
const LONGEST = 1900
const SHORTEST = 50

const STYLES = { good: 'good', bad: 'attention', warning: 'warning', neutral: 'default' }

const run = (text, more = {}) => ({ type: 'TextRun', text: text || ' ', ...more })
const line = (...inlines) => ({ type: 'RichTextBlock', inlines })

function card(message, most, link) {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          fallbackText: atMost(message.title, 200),
          body: [
            {
              type: 'Container',
              style: STYLES[message.tone],
              bleed: true,
              items: [line(run(atMost(message.title, 200), { weight: 'Bolder', size: 'Large' }))],
            },
            ...message.facts.map(([name, value]) => line(run(`${name}: `, { weight: 'Bolder' }), run(atMost(value, most)))),
          ],
          ...(link ? { actions: [{ type: 'Action.OpenUrl', title: 'Open in Postern', url: link }] } : {}),
        },
      },
    ],
  }
}

/**
 * The body of the POST, as text.
 * @param {string|undefined} link where a button leads to
 */
export function draw(message, link) {
  for (let most = LONGEST; ; most = Math.floor(most / 2)) {
    const body = JSON.stringify(card(message, most, link))
    if (Buffer.byteLength(body) <= MOST_BYTES || most <= SHORTEST) return body
  }
}
