import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
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
