// The notifier end to end, beside the check of the Slack bot, whose story it tells to a webhook on this machine: `node check.mjs DIR`.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const dir = process.argv[2]
const cards = []
// The first card meets a busy webhook, the third one that breaks down.
const answers = [429, 202, 202, 503, 202]
let arrived = () => {}

const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const status = answers.shift() ?? 202
  if (status === 202) {
    const { body: lines, actions } = JSON.parse(body).attachments[0].content
    const texts = lines.flatMap(l => l.items ?? [l]).map(l => l.inlines.map(i => i.text).join(''))
    cards.push({ title: texts[0], facts: texts.slice(1), link: actions?.[0].url })
  }
  response.writeHead(status, status === 429 ? { 'retry-after': '1' } : {})
  response.end()
  arrived()
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))

async function until(what, probe) {
  const late = setTimeout(() => {
    console.error(`not in time: ${what}; there is ${JSON.stringify(cards, null, 1)}`)
    process.exit(1)
  }, 120_000)
  while (!probe()) await new Promise(resolve => (arrived = resolve))
  clearTimeout(late)
}

writeFileSync(
  join(dir, 'teams.json'),
  JSON.stringify({
    kafka: { brokers: [`127.0.0.1:${process.env.POSTERN_KAFKA_PORT}`] },
    registry: `http://127.0.0.1:${process.env.POSTERN_REGISTRY_PORT}/apis/ccompat/v7`,
    trustFile: 'data/keys/trust.json',
    stateFile: 'teams.state.json',
    web: `http://127.0.0.1:${process.env.POSTERN_WEB_PORT}`,
  }),
)

async function start() {
  const child = spawn(process.execPath, [new URL('notifier.mjs', import.meta.url).pathname, join(dir, 'teams.json')], {
    env: { ...process.env, TEAMS_WEBHOOK_URL: `http://127.0.0.1:${server.address().port}/hook` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ready = new Promise(resolve => child.stdout.on('data', data => String(data).includes('INFO ready') && resolve()))
  await Promise.race([ready, once(child, 'exit').then(([code]) => Promise.reject(new Error(`the notifier ended with ${code}`)))])
  return child
}

const titles = () => cards.map(c => c.title)
const count = beginning => titles().filter(t => t.startsWith(beginning)).length

let notifier = await start()
// Whatever ends this ends the notifier.
process.on('exit', () => notifier.kill('SIGKILL'))
process.on('SIGTERM', () => process.exit(1))
console.log('notifier ready')
await until('the first request', () => count('Closed') === 1)
const [asks] = cards
assert.match(asks.title, /^alice asks for i-0abc1234def567890$/)
assert.ok(asks.facts.includes('Why: INC-42 <script>&'), `${asks.facts}`)
assert.match(asks.link, new RegExp(`^http://127.0.0.1:${process.env.POSTERN_WEB_PORT}/requests/[0-9a-f-]{36}$`))
assert.ok(cards.find(c => c.title.startsWith('Open')).facts[0].includes('54.220.1.10 port 22'))

notifier.kill('SIGKILL')
await once(notifier, 'exit')
notifier = await start()
await until('the story to its end', () => count('Denied') === 1)
// Three were asked for, two of them opened and closed, one refused. The card that was being sent at the kill may be there twice.
const expected = { 'alice asks for': 3, Open: 2, Closed: 2, Denied: 1 }
const more = Object.entries(expected).map(([title, n]) => count(title) - n)
assert.ok(more.every(n => n >= 0) && more.reduce((a, b) => a + b) <= 1, `${titles()}`)
assert.equal(answers.length, 0, 'the webhook was not tried again')
notifier.kill('SIGTERM')
await once(notifier, 'exit')
server.close()
console.log('held: the channel was told')
