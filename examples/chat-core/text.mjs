// Text from people, made fit to be shown: on one line, with nothing invisible in it, and no longer than said.

// Controls, line separators, marks that reorder or hide text, and what stands alone of a pair.
const UNSEEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu

/** As it is shown: what cannot be seen is made visible, so that no text can look like another or like two lines. */
export function visible(text) {
  return String(text)
    .toWellFormed()
    .replace(/\r\n?|\n/g, ' ⏎ ')
    .replace(UNSEEN, '�')
    .trim()
}

/** At most `most` characters, counted as JavaScript counts them; says how much is not shown. */
export function atMost(text, most) {
  if (text.length <= most) return text
  const note = left => `… (${left} more characters)`
  const room = most - note(text.length).length
  // Not through the middle of a surrogate pair.
  const end = /[\ud800-\udbff]/.test(text[room - 1] ?? '') ? room - 1 : room
  return text.slice(0, end) + note(text.length - end)
}

/** A list in words. */
export const list = words => (words.length === 0 ? 'nothing' : words.join(', '))

/** Microseconds since 1970 as people read them, in UTC. */
export const time = micros => new Date(Number(micros) / 1000).toISOString().replace(/\.\d+Z$/, 'Z').replace('T', ' ').replace('Z', ' UTC')

/** Milliseconds as `1h30m`. */
export function duration(millis) {
  const seconds = Math.round(Number(millis) / 1000)
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ].filter(([n]) => n > 0)
  return parts.length === 0 ? '0s' : parts.map(([n, unit]) => `${n}${unit}`).join('')
}

/** The end of a machine's id, which is what people call it when it has no name. */
export const shortId = id => id.slice(id.lastIndexOf('/') + 1)
