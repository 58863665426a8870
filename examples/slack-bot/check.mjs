// The bot end to end: a simulated Slack, and a Postern that runs. `node check.mjs DIR`, where check-chat.sh has left the key and the tokens.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UNMAPPED } from '../chat-core/people.mjs'
import { FakeSlack } from './test/fake-slack.mjs'

const dir = process.argv[2]
const web = `http://127.0.0.1:${process.env.POSTERN_WEB_PORT}`
const MACHINE = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890'
const SOURCE = '203.0.113.7'
const slack = new FakeSlack()
let bot

function configure() {
  writeFileSync(
    join(dir, 'config.json'),
    JSON.stringify({
      kafka: { brokers: [`127.0.0.1:${process.env.POSTERN_KAFKA_PORT}`] },
      registry: `http://127.0.0.1:${process.env.POSTERN_REGISTRY_PORT}/apis/ccompat/v7`,
      keyFile: 'slack-bot.jwk',
      trustFile: 'data/keys/trust.json',
      stateFile: 'slack-bot.state.json',
      slackApiUrl: slack.url,
      team: slack.team,
      approvalsChannel: 'C0APPROVALS',
      extendBy: '10m',
      people: {
        UALICE: { subject: 'alice', groups: ['sre', 'leads'], sources: [`${SOURCE}/32`] },
        ULEA: { subject: 'lea', groups: ['leads'] },
        UEVE: { subject: 'eve', groups: [] },
      },
    }),
  )
}

async function startBot() {
  const child = spawn(process.execPath, [new URL('bot.mjs', import.meta.url).pathname, join(dir, 'config.json')], {
    env: { ...process.env, SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise(resolve => child.once('exit', resolve))
  await new Promise((resolve, reject) => {
    ended.then(code => reject(new Error(`the bot ended with ${code}`)))
    child.stdout.on('data', data => {
      process.stdout.write(`  bot: ${data}`)
      if (String(data).includes('INFO ready')) resolve()
    })
  })
  return { kill: signal => (child.kill(signal), ended) }
}

const said = (user, title, after = 0) => slack.messages.slice(after).find(m => m.user === user && m.text.startsWith(title))
const shown = message => message.blocks.flatMap(b => (b.fields ?? []).map(f => f.text)).join('|')
const hasButtons = message => message.blocks.some(b => b.type === 'actions')
const wait = (user, title, after) => slack.until(`${user} is told: ${title}`, () => said(user, title, after))

async function reachable() {
  const answer = await fetch(`http://127.0.0.1:${process.env.POSTERN_EC2_PORT}/_simulator/reachable`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source: SOURCE, machine: MACHINE, port: 22, protocol: 'TCP' }),
  })
  return (await answer.json()).reachable
}

/** Another approver, on the web. */
async function approveOnTheWeb(request) {
  const answer = await fetch(`${web}/api/v1/requests/${request}/approval`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${readFileSync(join(dir, 'lea.token'), 'utf8').trim()}` },
    body: JSON.stringify({ decision: 'approve' }),
  })
  assert.ok(answer.ok, `the web did not take the approval: ${answer.status} ${await answer.text()}`)
}

const requestIn = reply => /Request ([0-9a-f-]{36})/.exec(reply)?.[1]

/** What anybody who may not is told. */
async function refusals() {
  assert.equal(await slack.command('UBOB', 'i-0abc1234def567890 22 1h INC-42'), UNMAPPED)
  assert.match(await slack.command('UALICE', 'web-99 22 1h INC-42'), /no machine is called web-99/)
  assert.match(await slack.command('UALICE', 'i-0abc1234def567890 22 1h from <!channel> x'), /address is written.*&lt;!channel&gt;/)
  assert.match(await slack.command('ULEA', 'i-0abc1234def567890 22 1h INC-42'), /Slack does not say where you are/)
}

/** Asks, approves by button, sees it open, is reminded, extends, closes. */
async function wholeStory() {
  const before = slack.messages.length
  const reply = await slack.command('UALICE', 'i-0abc1234def567890 22 15m INC-42 <script>&', 'once')
  assert.match(reply, /^Asked for arn:aws:ec2/)
  const ask = await wait('C0APPROVALS', 'alice asks for', before)
  await wait('UALICE', 'Waiting for approval', before)
  assert.match(shown(ask), /\*Why\*\|INC-42 <script>&\|/)
  assert.match(shown(ask), /\*From\*\|203\.0\.113\.7\/32\|/)
  assert.match(shown(ask), /\*Digest\*\|[0-9a-f]{64}/)
  // The same command, delivered again by Slack, is the same request.
  assert.equal(requestIn(await slack.command('UALICE', 'i-0abc1234def567890 22 15m INC-42 <script>&', 'once')), requestIn(reply))

  await slack.click('UALICE', ask, 'approve')
  const own = await wait('UALICE', 'Not done', before)
  assert.match(shown(own), /nobody approves the own request \(SELF_APPROVAL\)/)
  await slack.click('UEVE', ask, 'approve')
  assert.match(shown(await wait('UEVE', 'Not done', before)), /NOT_AN_APPROVER/)
  await slack.click('UBOB', ask, 'approve')
  await slack.until('UBOB is refused', () => slack.whispers.some(w => w.user === 'UBOB' && w.text === UNMAPPED))
  assert.equal(await reachable(), false, 'open before anybody approved')

  // Slack is busy for a moment: what is to be said is said later.
  slack.failNext(429, 503)
  await slack.click('ULEA', ask, 'approve')
  const open = await wait('UALICE', 'Open', before)
  assert.match(shown(open), /\*Connect to\*\|54\.\S+ port 22: ssh -p 22 54\./)
  assert.equal(await reachable(), true, 'said to be open, and is not')
  await slack.until('the approval is settled', () => !hasButtons(ask) && shown(ask).includes('granted, approved by lea'))

  const reminder = await wait('UALICE', 'Ends soon', before)
  await slack.click('UALICE', reminder, 'extend')
  const extended = await wait('UALICE', 'Extended', before)
  await slack.until('the old buttons are gone', () => !hasButtons(open) && !hasButtons(reminder))
  await slack.click('UALICE', extended, 'close')
  await wait('UALICE', 'Closed', before)
  assert.equal(await reachable(), false, 'said to be closed, and is not')
  assert.equal(slack.messages.filter(hasButtons).length, 0, 'a button is left')
}

const titlesSince = before => slack.messages.slice(before).map(m => `${m.user} ${m.text.split(':')[0].split(';')[0]}`).sort()

/** The bot has written down that it has said something. */
async function hasWritten(what, probe) {
  for (let i = 0; i < 200; i++) {
    if (probe(JSON.parse(readFileSync(join(dir, 'slack-bot.state.json'), 'utf8')))) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`not written down in time: ${what}`)
}

/** The bot is killed while a request waits; what happens meanwhile is told once when it is back. */
async function killedWhileWaiting() {
  const before = slack.messages.length
  const request = requestIn(await slack.command('UALICE', 'i-0abc1234def567890 22 10m INC-43'))
  await wait('UALICE', 'Waiting for approval', before)
  await hasWritten('that it waits', book => book.requests[request].machines[MACHINE].waits)
  await bot.kill('SIGKILL')
  await approveOnTheWeb(request)
  while (!(await reachable())) await new Promise(resolve => setTimeout(resolve, 200))
  bot = await startBot()
  const open = await wait('UALICE', 'Open', before)
  await wait('UALICE', 'Granted', before)
  await slack.until('the approval is settled', () => slack.messages.slice(before).every(m => m === open || !hasButtons(m)))
  await hasWritten('that it is open', book => book.requests[request].machines[MACHINE].posts.length === 1)
  await bot.kill('SIGTERM')
  bot = await startBot()
  await slack.click('UALICE', open, 'close')
  await wait('UALICE', 'Closed', before)
  assert.deepEqual(titlesSince(before), [
    'C0APPROVALS alice asks for i-0abc1234def567890',
    'UALICE Closed',
    'UALICE Granted',
    'UALICE Open',
    'UALICE Waiting for approval',
  ])
}

/** The bot is killed after Slack has taken a message and before the bot knows: that one message is said twice, and nothing else. */
async function killedWhileSpeaking() {
  const before = slack.messages.length
  slack.neverAnswer('Waiting for approval')
  const request = requestIn(await slack.command('UALICE', 'i-0abc1234def567890 22 10m INC-44'))
  await wait('UALICE', 'Waiting for approval', before)
  await bot.kill('SIGKILL')
  slack.neverAnswer(undefined)
  bot = await startBot()
  await hasWritten('that it waits', book => book.requests[request].machines[MACHINE].waits)
  assert.deepEqual(titlesSince(before), [
    'C0APPROVALS alice asks for i-0abc1234def567890',
    'UALICE Waiting for approval',
    'UALICE Waiting for approval',
  ])
  await slack.click('ULEA', slack.messages[before], 'refuse')
  assert.deepEqual(await slack.submit('ULEA', { reason: '  ' }), { reason: 'Say why: whoever asked is told.' })
  assert.equal(await slack.submit('ULEA', { reason: 'use the <staging> machine & ask again' }), undefined)
  const denied = shown(await wait('UALICE', 'Denied', before))
  assert.match(denied, /APPROVAL_REFUSED/)
  assert.match(denied, /use the <staging> machine & ask again/)
}

// Whatever ends this ends the bot.
process.on('exit', () => bot?.kill('SIGKILL'))
process.on('SIGTERM', () => process.exit(1))
try {
  await slack.start()
  configure()
  bot = await startBot()
  for (const part of [refusals, wholeStory, killedWhileWaiting, killedWhileSpeaking]) {
    await part()
    console.log(`held: ${part.name}`)
  }
} finally {
  await bot?.kill('SIGTERM')
  await slack.stop()
}
