// A peer in Node, by one of two registry clients: `node peer.mjs kafkajs|confluentinc`, with the rest in the environment (check.sh).
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import kafkajs from 'kafkajs'
import { sign } from '../../node-log/signature.mjs'

const { BOOTSTRAP, REGISTRY, MACHINE, SOURCE, SUBJECT, KEY_FILE } = process.env
const TOPIC = 'jit.requests'
const RECORD = `${TOPIC}-io.postern.event.RequestSubmitted`

// Each looks the schema up by its content, as the registry hands it out, and must find the same id.
const CLIENTS = {
  async kafkajs() {
    const { SchemaRegistry, SchemaType } = await import('@kafkajs/confluent-schema-registry')
    const registry = new SchemaRegistry({ host: REGISTRY })
    const latest = await (await fetch(`${REGISTRY}/subjects/${RECORD}/versions/latest`)).json()
    const id = await registry.getRegistryIdBySchema(RECORD, { type: SchemaType.AVRO, schema: latest.schema })
    return { encode: event => registry.encode(id, event), decode: (_, bytes) => registry.decode(bytes) }
  },
  async confluentinc() {
    const { AvroDeserializer, AvroSerializer, SchemaRegistryClient, SerdeType } = await import('@confluentinc/schemaregistry')
    const client = new SchemaRegistryClient({ baseURLs: [REGISTRY] })
    const strategy = { subjectNameStrategy: () => RECORD }
    const serializer = new AvroSerializer(client, SerdeType.VALUE, { autoRegisterSchemas: false, useLatestVersion: true, ...strategy })
    const deserializer = new AvroDeserializer(client, SerdeType.VALUE, {})
    return { encode: event => serializer.serialize(TOPIC, event), decode: (topic, bytes) => deserializer.deserialize(topic, bytes) }
  },
}

const name = process.argv[2]
const { encode, decode } = await CLIENTS[name]()
const kafka = new kafkajs.Kafka({ clientId: SUBJECT, brokers: [BOOTSTRAP], logLevel: kafkajs.logLevel.ERROR })
const requestId = randomUUID()
const jwk = JSON.parse(readFileSync(KEY_FILE, 'utf8'))

const admin = kafka.admin()
await admin.connect()
const topics = ['jit.decisions', 'jit.enforcement']
const ends = await Promise.all(topics.map(async topic => [topic, await admin.fetchTopicOffsets(topic)]))
await admin.disconnect()

const consumer = kafka.consumer({ groupId: `${SUBJECT}-${requestId}` })
await consumer.connect()
await consumer.subscribe({ topics })
const read = {}
let complete
const all = new Promise(resolve => (complete = resolve))
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ topic, message }) => {
    const type = String(message.headers.ce_type).replace('io.postern.event.', '')
    if (!['AccessGranted', 'AccessDenied', 'AccessOpened'].includes(type)) return
    const event = await decode(topic, message.value)
    if (event.requestId === requestId) read[type] = { id: message.value.readInt32BE(1), event }
    if (read.AccessDenied || (read.AccessGranted && read.AccessOpened)) complete()
  },
})
for (const [topic, partitions] of ends) for (const { partition, high } of partitions) consumer.seek({ topic, partition, offset: high })

const key = Buffer.from(requestId)
const value = await encode({
  eventId: randomUUID(),
  occurredAt: Date.now() * 1000,
  requestId,
  requestor: { subject: SUBJECT, issuer: SUBJECT, groups: [] },
  machines: [MACHINE],
  ports: [{ fromPort: 22, toPort: 22, protocol: 'TCP' }],
  sources: [SOURCE],
  durationMillis: 600_000,
  justification: 'Zürich ✓',
  startAt: null,
  breakGlass: false,
  allOrNothing: false,
})
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
await producer.connect()
await producer.send({
  topic: TOPIC,
  messages: [{ key, value, headers: { ce_type: 'io.postern.event.RequestSubmitted', 'postern-signature': sign(jwk, TOPIC, key, value) } }],
})
await producer.disconnect()
await all
await consumer.disconnect()
if (read.AccessDenied) throw new Error(`denied: ${JSON.stringify(read.AccessDenied.event.reasons)}`)
const granted = read.AccessGranted.event
const opened = read.AccessOpened.event
console.log(
  [
    `wrote=${value.readInt32BE(1)}`,
    `granted=${read.AccessGranted.id}`,
    `opened=${read.AccessOpened.id}`,
    `for=${granted.requestor.subject}`,
    `from=${granted.sources}`,
    `why=${granted.justification}`,
    `seconds=${(Number(granted.expiresAt) - Number(granted.startsAt)) / 1e6}`,
    `connect=${opened.connect.map(c => `${c.address}:${c.port}/${c.protocol}`)}`,
  ].join(' '),
)
process.exit(0)
