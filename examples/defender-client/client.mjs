// Microsoft's client of Defender's just-in-time API, pointed at Postern: puts a policy, asks, and waits until it is over.
//   node client.mjs --endpoint http://127.0.0.1:8080 --admin-token-file admin --token-file alice --machine ARM_ID --source ADDRESS --seconds 8
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { setTimeout as pause } from 'node:timers/promises'
import { SecurityCenter } from '@azure/arm-security'

const { values: given } = parseArgs({
  options: {
    endpoint: { type: 'string' },
    'admin-token-file': { type: 'string' },
    'token-file': { type: 'string' },
    machine: { type: 'string' },
    source: { type: 'string' },
    seconds: { type: 'string', default: '60' }
  }
})
const parts = given.machine.split('/')
const subscription = parts[2]
const group = parts[4]
const location = 'westeurope'
const name = 'default'

// The client's own credential policy wants TLS, which Postern on this machine does not have: the token is set by hand.
function client (tokenFile) {
  const token = readFileSync(tokenFile, 'utf8').trim()
  const security = new SecurityCenter({ getToken: async () => null }, subscription, {
    endpoint: given.endpoint,
    allowInsecureConnection: true
  })
  security.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' })
  security.pipeline.addPolicy({
    name: 'token',
    sendRequest (request, next) {
      request.headers.set('Authorization', `Bearer ${token}`)
      return next(request)
    }
  })
  return security.jitNetworkAccessPolicies
}

const admin = client(given['admin-token-file'])
const person = client(given['token-file'])

const policy = await admin.createOrUpdate(group, location, name, {
  kind: 'Basic',
  virtualMachines: [{
    id: given.machine,
    ports: [{ number: 22, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }]
  }]
})
console.log('put', policy.name, policy.provisioningState)

const all = []
for await (const each of person.list()) all.push(each.id)
console.log('listed', all.length, all[0] === policy.id)

const asked = await person.initiate(group, location, name, {
  virtualMachines: [{
    id: given.machine,
    ports: [{
      number: 22,
      allowedSourceAddressPrefix: given.source,
      endTimeUtc: new Date(Date.now() + Number(given.seconds) * 1000)
    }]
  }],
  justification: 'INC-42'
})
console.log('asked', asked.requestor, asked.virtualMachines[0].ports[0].status)

async function port () {
  const now = await person.get(group, location, name)
  return now.requests?.[0]?.virtualMachines?.[0]?.ports?.[0]
}

let last = ''
const limit = Date.now() + (Number(given.seconds) + 60) * 1000
while (Date.now() < limit && !last.startsWith('Revoked')) {
  const now = await port()
  const state = now ? `${now.status} ${now.statusReason}` : 'undecided'
  if (state !== last) console.log('now', state)
  last = state
  await pause(200)
}

try {
  await person.initiate(group, location, name, { virtualMachines: [{ id: given.machine, ports: [{ number: 23, endTimeUtc: new Date(Date.now() + 60000) }] }] })
  console.log('a port outside the policy was accepted')
} catch (e) {
  console.log('refused', e.statusCode, e.code, e.message)
}

await admin.delete(group, location, name)
console.log('deleted')
