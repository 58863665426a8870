// As much of Slack as Bolt in socket mode needs, on localhost: apps.connections.open, envelopes that must be acknowledged within
// three seconds and are delivered again otherwise, messages and their limits. What is wrong is refused as Slack refuses it.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const ACKNOWLEDGED_WITHIN = 3000
const LIMITS = { header: 150, field: 2000, fields: 10, label: 75, value: 2000, text: 40_000, blocks: 50, title: 24, section: 3000, metadata: 3000 }

function textOf(object, types, most) {
  if (!types.includes(object?.type) || typeof object.text !== 'string') return 'invalid_blocks'
  return object.text.length < 1 || object.text.length > most ? 'invalid_blocks' : undefined
}

function wrongWith(block) {
  switch (block.type) {
    case 'header':
      return textOf(block.text, ['plain_text'], LIMITS.header)
    case 'section':
      if (!(block.fields?.length >= 1 && block.fields.length <= LIMITS.fields)) return 'invalid_blocks'
      return block.fields.map(f => textOf(f, ['plain_text', 'mrkdwn'], LIMITS.field)).find(w => w)
    case 'actions':
      return block.elements
        .map(e => (e.type !== 'button' || e.value.length > LIMITS.value ? 'invalid_blocks' : textOf(e.text, ['plain_text'], LIMITS.label)))
        .find(w => w)
    default:
      return 'invalid_blocks'
  }
}

export class FakeSlack {
  team = 'T1'
  /** Every message as it stands now: {channel, ts, user (whom it was sent to), blocks, text}. */
  messages = []
  /** All calls of the Web API, in order. */
  calls = []
  /** Answers of postEphemeral, and of acknowledgements of commands: {user, text}. */
  whispers = []
  /** Forms that are open: {id, user, view}. */
  forms = []
  #triggers = new Map()
  #waiting = new Map()
  #watchers = new Set()
  #envelope = 0
  #serial = 0
  #failures = []
  #silent

  async start() {
    this.server = createServer((request, response) => this.#call(request, response))
    this.sockets = new WebSocketServer({ server: this.server })
    this.sockets.on('connection', socket => {
      this.socket = socket
      socket.on('message', data => this.#acknowledged(JSON.parse(data)))
      socket.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A1' } }))
      this.#changed()
    })
    await new Promise(resolve => this.server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${this.server.address().port}/api/`
  }

  async stop() {
    for (const client of this.sockets.clients) client.terminate()
    await new Promise(resolve => this.server.close(resolve))
  }

  /** The next calls of chat.postMessage answer with these statuses. */
  failNext(...statuses) {
    this.#failures.push(...statuses)
  }

  /** Messages whose text begins so are taken, and never answered. */
  neverAnswer(beginning) {
    this.#silent = beginning
  }

  /** Resolves with what `probe` finds as soon as it finds something. */
  async until(what, probe, seconds = 40) {
    const found = probe()
    if (found) return found
    return new Promise((resolve, reject) => {
      const watcher = () => {
        const now = probe()
        if (!now) return
        clearTimeout(late)
        this.#watchers.delete(watcher)
        resolve(now)
      }
      const late = setTimeout(() => {
        this.#watchers.delete(watcher)
        reject(new Error(`not in time: ${what}; there is ${JSON.stringify(this.messages.map(m => m.text))}; whispered ${JSON.stringify(this.whispers)}`))
      }, seconds * 1000)
      this.#watchers.add(watcher)
    })
  }

  /** Somebody types a slash command; resolves with what only they see. */
  async command(user, text, trigger = `trigger-${++this.#serial}`) {
    const answer = await this.#deliver('slash_commands', {
      command: '/jit',
      text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
      user_id: user,
      team_id: this.team,
      channel_id: 'C0GENERAL',
      trigger_id: trigger,
      response_url: `${this.url}response`,
    })
    return answer?.text
  }

  /** Somebody clicks a button of a message as it stands. */
  async click(user, message, action) {
    const button = message.blocks.flatMap(b => b.elements ?? []).find(e => e.action_id === action)
    if (!button) throw new Error(`no button ${action} on: ${message.text}`)
    const trigger = `trigger-${++this.#serial}`
    this.#triggers.set(trigger, user)
    await this.#deliver('interactive', {
      type: 'block_actions',
      team: { id: this.team },
      user: { id: user, team_id: this.team },
      channel: { id: message.channel },
      container: { type: 'message', channel_id: message.channel, message_ts: message.ts },
      message: { ts: message.ts, blocks: message.blocks },
      actions: [{ type: 'button', action_id: button.action_id, block_id: 'b', value: button.value, action_ts: `${++this.#serial}` }],
      response_url: `${this.url}response`,
      trigger_id: trigger,
    })
  }

  /** The form that somebody opened last, filled in and sent; resolves with the errors that are shown beside its fields. */
  async submit(user, values) {
    const open = await this.until(`a form for ${user}`, () => this.forms.find(f => f.user === user))
    const state = Object.fromEntries(
      open.view.blocks
        .filter(b => b.type === 'input')
        .map(b => [b.block_id, { [b.element.action_id]: { type: b.element.type, value: values[b.block_id] ?? null } }]),
    )
    const answer = await this.#deliver('interactive', {
      type: 'view_submission',
      team: { id: this.team },
      user: { id: user, team_id: this.team },
      view: { ...open.view, id: open.id, state: { values: state } },
    })
    if (answer?.response_action === 'errors') return answer.errors
    this.forms.splice(this.forms.indexOf(open), 1)
    return undefined
  }

  #changed() {
    for (const watcher of [...this.#watchers]) watcher()
  }

  #deliver(type, payload) {
    const id = `envelope-${++this.#envelope}`
    return new Promise((resolve, reject) => {
      const attempt = n => {
        if (n > 3) {
          this.#waiting.delete(id)
          reject(new Error(`${type} was never acknowledged`))
          return
        }
        const late = setTimeout(() => attempt(n + 1), ACKNOWLEDGED_WITHIN)
        this.#waiting.set(id, answer => {
          clearTimeout(late)
          resolve(answer)
        })
        this.socket.send(JSON.stringify({ type, envelope_id: id, payload, accepts_response_payload: true, retry_attempt: n }))
      }
      attempt(0)
    })
  }

  #acknowledged({ envelope_id: id, payload }) {
    this.#waiting.get(id)?.(payload)
    this.#waiting.delete(id)
  }

  async #call(request, response) {
    let body = ''
    for await (const chunk of request) body += chunk
    const method = request.url.split('/').pop()
    const form = Object.fromEntries(new URLSearchParams(body))
    const answer = (status, value, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(JSON.stringify(value))
      this.#changed()
    }
    if (!/^Bearer x(oxb|app)-/.test(request.headers.authorization ?? '')) return answer(200, { ok: false, error: 'invalid_auth' })
    if (method === 'chat.postMessage' && this.#failures.length > 0) {
      return answer(this.#failures.shift(), { ok: false, error: 'ratelimited' }, { 'retry-after': '1' })
    }
    this.calls.push({ method, ...form })
    const handle = this[`$${method.replace('.', '_').replace('.', '_')}`]
    if (this.#silent && method === 'chat.postMessage' && form.text.startsWith(this.#silent)) {
      handle.call(this, form)
      return this.#changed()
    }
    return answer(200, handle ? handle.call(this, form) : { ok: false, error: 'unknown_method' })
  }

  $auth_test() {
    return { ok: true, team_id: this.team, user_id: 'U0BOT', bot_id: 'B0BOT', url: 'https://example.slack.com/' }
  }

  $apps_connections_open() {
    return { ok: true, url: `${this.url.replace('http', 'ws')}link` }
  }

  #checked({ text, blocks }) {
    const parsed = JSON.parse(blocks ?? '[]')
    if (!text || text.length > LIMITS.text) return { error: 'msg_too_long' }
    if (parsed.length > LIMITS.blocks) return { error: 'invalid_blocks' }
    return { error: parsed.map(wrongWith).find(w => w), parsed }
  }

  $chat_postMessage(form) {
    const { error, parsed } = this.#checked(form)
    if (error) return { ok: false, error }
    // Slack answers a message to a user with the conversation that it opened.
    const channel = form.channel.startsWith('U') ? `D${form.channel.slice(1)}` : form.channel
    const message = { channel, user: form.channel, ts: `17000000${++this.#serial}.000100`, text: form.text, blocks: parsed }
    this.messages.push(message)
    return { ok: true, channel, ts: message.ts, message: { text: form.text } }
  }

  $chat_update(form) {
    const { error, parsed } = this.#checked(form)
    if (error) return { ok: false, error }
    const message = this.messages.find(m => m.channel === form.channel && m.ts === form.ts)
    if (!message) return { ok: false, error: 'message_not_found' }
    Object.assign(message, { text: form.text, blocks: parsed })
    return { ok: true, channel: message.channel, ts: message.ts }
  }

  $views_open(form) {
    const user = this.#triggers.get(form.trigger_id)
    if (!user) return { ok: false, error: 'invalid_trigger_id' }
    this.#triggers.delete(form.trigger_id)
    const view = JSON.parse(form.view)
    const texts = [
      [view.title, LIMITS.title],
      [view.submit, LIMITS.title],
      [view.close, LIMITS.title],
      ...view.blocks.map(b => [b.type === 'input' ? b.label : b.text, b.type === 'input' ? LIMITS.field : LIMITS.section]),
    ]
    const wrong =
      view.type !== 'modal' ||
      view.private_metadata.length > LIMITS.metadata ||
      view.blocks.some(b => !['section', 'input'].includes(b.type)) ||
      view.blocks.some(b => b.type === 'input' && !(b.element.max_length <= LIMITS.section)) ||
      texts.some(([object, most]) => textOf(object, ['plain_text'], most))
    if (wrong) return { ok: false, error: 'invalid_arguments' }
    const id = `V${++this.#serial}`
    this.forms.push({ id, user, view })
    return { ok: true, view: { ...view, id } }
  }

  $chat_postEphemeral(form) {
    this.whispers.push({ user: form.user, text: form.text })
    return { ok: true, message_ts: '1' }
  }
}
