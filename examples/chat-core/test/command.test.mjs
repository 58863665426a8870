import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSource, readCommand, readDuration } from '../command.mjs'

const why = text => {
  const read = readCommand(text)
  assert.equal(read.kind, 'unclear', text)
  return read.why
}

test('reads machine, port, duration and justification', () => {
  assert.deepEqual(readCommand('web-01 22 1h INC-42'), {
    kind: 'request',
    machines: ['web-01'],
    ports: [{ fromPort: 22, toPort: 22, protocol: 'TCP' }],
    durationMillis: 3_600_000,
    sources: [],
    justification: 'INC-42',
  })
})

test('reads lists, ranges, UDP and addresses', () => {
  const read = readCommand('web-01,web-02,web-01 22,8000-8010,53/udp 1h30m from 203.0.113.7,2001:db8::/64   disk  is full')
  assert.deepEqual(read.machines, ['web-01', 'web-02'])
  assert.deepEqual(
    read.ports.map(p => `${p.fromPort}-${p.toPort}/${p.protocol}`),
    ['22-22/TCP', '8000-8010/TCP', '53-53/UDP'],
  )
  assert.deepEqual(read.sources, ['203.0.113.7', '2001:db8::/64'])
  assert.equal(read.justification, 'disk is full')
})

test('a justification may be left out, and may begin with any word', () => {
  assert.equal(readCommand('web-01 22 1h').justification, null)
  assert.equal(readCommand('web-01 22 1h because from above').justification, 'because from above')
})

test('asks for help when nothing or help is said', () => {
  for (const text of ['', '   ', 'help', 'HELP']) assert.deepEqual(readCommand(text), { kind: 'help' })
})

test('says what is wrong', () => {
  assert.match(why('web-01'), /machine, port and duration/)
  assert.match(why('web-01 22'), /machine, port and duration/)
  assert.match(why('web-01 ssh 1h'), /a port is a number.*ssh/)
  assert.match(why('web-01 0 1h'), /a port/)
  assert.match(why('web-01 65536 1h'), /a port/)
  assert.match(why('web-01 90-80 1h'), /a port/)
  assert.match(why('web-01 22/icmp 1h'), /a port/)
  assert.match(why('web-01 22 soon'), /a duration/)
  assert.match(why('web-01 22 0m'), /a duration/)
  assert.match(why('web-01 22 1h from'), /address is to follow/)
  assert.match(why('web-01 22 1h from home'), /an address is written/)
  assert.match(why(', 22 1h'), /machines is missing/)
  assert.match(why(`web-01 ${Array.from({ length: 21 }, (_, i) => i + 1).join(',')} 1h`), /at most 20/)
  assert.match(why(`web-01 22 1h ${'x'.repeat(501)}`), /at most 500 characters, given: 501/)
  assert.match(why('x'.repeat(100_000)), /too long: 100000/)
})

test('durations', () => {
  const of = { '15m': 900_000, '1h30m': 5_400_000, '90s': 90_000, PT15M: 900_000, '2H': 7_200_000 }
  for (const [text, millis] of Object.entries(of)) assert.equal(readDuration(text), millis, text)
  for (const text of ['', 'PT', '15', 'm', '1h30', '-1h', '1.5h', '0s', '1d', '9'.repeat(30) + 'h']) {
    assert.equal(readDuration(text), undefined, text)
  }
})

test('addresses', () => {
  for (const text of ['203.0.113.7', '203.0.113.0/28', '0.0.0.0/0', '::1', '2001:db8::/128']) assert.ok(isSource(text), text)
  for (const text of ['', 'home', '203.0.113', '203.0.113.7/33', '203.0.113.7/', '203.0.113.7/8/8', '::1/129', 'fe80::1%eth0', '1.2.3.4/-1']) {
    assert.ok(!isSource(text), text)
  }
})

test('no text makes it throw', () => {
  const alphabet = ['a', ' ', ',', '/', '-', '0', '9', '22', '1h', 'from', ':', '.', '\u0000', '\ud800', '‮', '<!channel>', '&', '\n', '💥', 'PT']
  let seed = 42
  const next = n => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return seed % n
  }
  for (let i = 0; i < 20_000; i++) {
    const text = Array.from({ length: next(12) }, () => alphabet[next(alphabet.length)]).join('')
    assert.ok(['help', 'unclear', 'request'].includes(readCommand(text).kind), JSON.stringify(text))
  }
})
