import assert from 'node:assert/strict'
import { createHash, createPrivateKey, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { test } from 'node:test'
import { sign, verify } from './signature.mjs'

const key = Buffer.from('key')
const value = Buffer.from([0, 0, 0, 0, 7, 42])

for (const pair of [generateKeyPairSync('ed25519'), generateKeyPairSync('ec', { namedCurve: 'P-256' })]) {
  const secret = { ...pair.privateKey.export({ format: 'jwk' }), kid: 'bot/1' }
  const open = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'bot/1' }

  test(`${open.crv}: holds for what was signed and for nothing else`, () => {
    const signature = sign(secret, 'topic', key, value)
    assert.equal(verify([open], 'topic', key, value, signature), 'bot')
    assert.throws(() => verify([open], 'other', key, value, signature), /does not fit/)
    assert.throws(() => verify([open], 'topick', Buffer.from('ey'), value, signature), /does not fit/)
    assert.throws(() => verify([open], 'topic', key, key, signature), /does not fit/)
    assert.throws(() => verify([], 'topic', key, value, signature), /no trusted key/)
    assert.throws(() => verify([open], 'topic', key, value, undefined), /not a detached JWS/)
  })

  test(`${open.crv}: the header does not choose the algorithm`, () => {
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid: 'bot/1', iat: 1 })).toString('base64url')
    assert.throws(() => verify([open], 'topic', key, value, `${header}..AAAA`), /does not fit/)
  })
}

// A batch as ADR 22 says, written plainly: levels of a tree, and each record's siblings.
const sha = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest()
const framed = (topic, k, v) => {
  const four = n => Buffer.from([n >>> 24, n >>> 16, n >>> 8, n])
  return Buffer.concat([four(topic.length), Buffer.from(topic), four(k.length), k, v])
}

function signBatch(secret, records, typ = 'postern-batch') {
  const levels = [records.map(r => sha(Buffer.from([0]), framed('topic', key, r)))]
  while (levels.at(-1).length > 1) {
    const below = levels.at(-1)
    levels.push(
      Array.from({ length: Math.ceil(below.length / 2) }, (_, i) =>
        2 * i + 1 < below.length ? sha(Buffer.from([1]), below[2 * i], below[2 * i + 1]) : below[2 * i],
      ),
    )
  }
  const header = Buffer.from(JSON.stringify({ alg: 'EdDSA', kid: secret.kid, iat: 1, typ })).toString('base64url')
  const input = Buffer.from(`${header}.${levels.at(-1)[0].toString('base64url')}`)
  const jws = `${header}..${signBytes(null, input, createPrivateKey({ key: secret, format: 'jwk' })).toString('base64url')}`
  return records.map((_, leaf) => {
    const siblings = levels.slice(0, -1).flatMap((level, l) => level[(leaf >> l) ^ 1] ?? [])
    return `${jws}~${leaf}~${records.length}~${Buffer.concat(siblings).toString('base64url')}`
  })
}

const pair = generateKeyPairSync('ed25519')
const batchKey = { ...pair.privateKey.export({ format: 'jwk' }), kid: 'expiry-service/1' }

test('each record of a batch holds by itself, whatever the size', () => {
  for (const size of [1, 2, 3, 5, 8, 13]) {
    const records = Array.from({ length: size }, (_, i) => Buffer.from([i]))
    signBatch(batchKey, records).forEach((signature, i) => {
      assert.equal(verify([batchKey], 'topic', key, records[i], signature), 'expiry-service')
      assert.throws(() => verify([batchKey], 'topic', key, Buffer.from([99]), signature), /does not fit/)
    })
  }
})

test('a batch signature in another form holds for nothing', () => {
  const [first, second] = signBatch(batchKey, [Buffer.from([0]), Buffer.from([1])])
  const wrong = (signature, message) => assert.throws(() => verify([batchKey], 'topic', key, Buffer.from([0]), signature), message)
  wrong(second, /does not fit/)
  wrong(first.slice(0, first.lastIndexOf('~') + 1), /too short/)
  wrong(`${first}${first.slice(first.lastIndexOf('~') + 1)}`, /too long|does not fit/)
  wrong(first.replace('~0~2~', '~2~2~'), /not one over a batch/)
  wrong(first.replace('~0~2~', '~0~99999999~'), /not one over a batch/)
  wrong(first.replace('~0~2~', '~-1~2~'), /not one over a batch/)
  wrong(first.split('~')[0], /does not fit/)
  wrong(signBatch(batchKey, [Buffer.from([0])], 'JWT')[0], /does not fit/)
  wrong(`${sign(batchKey, 'topic', key, Buffer.from([0]))}~0~1~`, /does not fit/)
})
