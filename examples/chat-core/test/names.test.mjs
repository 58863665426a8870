import assert from 'node:assert/strict'
import { test } from 'node:test'
import { machineNamed } from '../machines.mjs'
import { readPeople } from '../people.mjs'

const ARM = '/subscriptions/s/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-01'
const OTHER = ARM.replace('shop', 'bank')
const EC2 = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc'
const machines = [
  { machineId: ARM, name: 'web-01' },
  { machineId: EC2, name: 'db' },
]

test('finds a machine by name, by id, and by the end of its id', () => {
  assert.deepEqual(machineNamed('web-01', machines), { id: ARM })
  assert.deepEqual(machineNamed('WEB-01', machines), { id: ARM })
  assert.deepEqual(machineNamed('db', machines), { id: EC2 })
  assert.deepEqual(machineNamed('i-0abc', machines), { id: EC2 })
  assert.deepEqual(machineNamed(EC2, machines), { id: EC2 })
})

test('says so when there is none or more than one', () => {
  assert.match(machineNamed('web', machines).why, /no machine is called web$/)
  assert.match(machineNamed('', machines).why, /no machine/)
  const { why } = machineNamed('web-01', [...machines, { machineId: OTHER, name: 'web-01' }])
  assert.ok(why.includes(ARM) && why.includes(OTHER) && why.startsWith('2 machines'))
  const many = Array.from({ length: 9 }, (_, i) => ({ machineId: `arn:${i}`, name: 'web-01' }))
  assert.match(machineNamed('web-01', many).why, /^9 machines.* and 4 more$/)
})

test('a machine whose name is the end of another one\'s id is ambiguous', () => {
  assert.match(machineNamed('i-0abc', [...machines, { machineId: ARM, name: 'i-0abc' }]).why, /2 machines/)
})

test('maps users to subjects and back', () => {
  const people = readPeople({ U1: { subject: 'alice', groups: ['sre'], sources: ['203.0.113.7/32'] }, U2: { subject: 'bob', issuer: 'idp' } }, 'bot')
  assert.deepEqual(people.of('U1'), {
    identity: { subject: 'alice', issuer: 'bot', groups: ['sre'] },
    sources: ['203.0.113.7/32'],
  })
  assert.equal(people.of('U3'), undefined)
  assert.equal(people.of('toString'), undefined)
  assert.equal(people.userOf({ subject: 'bob', issuer: 'idp', groups: [] }), 'U2')
  assert.equal(people.userOf({ subject: 'bob', issuer: 'bot' }), undefined)
  assert.equal(people.userOf(null), undefined)
})

test('a mapping that is wrong names the entry', () => {
  const wrong = {
    'needs a subject': { U1: {} },
    'U1 needs a subject': { U1: { subject: ' ' } },
    'must be an object': null,
    'U1 must be an object': { U1: 'alice' },
    'group, which means nothing': { U1: { subject: 'a', group: 'sre' } },
    'groups that are no list': { U1: { subject: 'a', groups: 'sre' } },
    'sources that are no list': { U1: { subject: 'a', sources: ['home'] } },
    'issuer that is no text': { U1: { subject: 'a', issuer: 7 } },
    'stand for the same alice': { U1: { subject: 'alice' }, U2: { subject: 'alice', issuer: 'bot' } },
  }
  for (const [message, config] of Object.entries(wrong)) {
    assert.throws(() => readPeople(config, 'bot'), e => e.message.includes(message), message)
  }
})
