// The signature of a record: a detached JWS (RFC 7515, appendix F) in the header `postern-signature`.
import { createPrivateKey, createPublicKey, sign as signBytes, verify as verifyBytes } from 'node:crypto'

const ALGORITHMS = {
  Ed25519: { alg: 'EdDSA', digest: null },
  'P-256': { alg: 'ES256', digest: 'sha256' },
}

function algorithm(jwk) {
  const found = ALGORITHMS[jwk.crv]
  if (!found) throw new Error(`key ${jwk.kid} must be Ed25519 or P-256`)
  return found
}

// What is signed: length of the topic's name (4 bytes, big endian), the name, length of the key, the key, the value.
function content(topic, key, value) {
  const length = n => {
    const four = Buffer.alloc(4)
    four.writeUInt32BE(n)
    return four
  }
  const name = Buffer.from(topic)
  return Buffer.concat([length(name.length), name, length(key.length), key, value])
}

const signingInput = (header, topic, key, value) =>
  Buffer.from(`${header}.${content(topic, key, value).toString('base64url')}`)

/** Signs with a private JWK whose `kid` is `<producer>/<serial>`; key and value are Buffers, as they go to the log. */
export function sign(jwk, topic, key, value, now = new Date()) {
  const { alg, digest } = algorithm(jwk)
  const header = Buffer.from(
    JSON.stringify({ alg, kid: jwk.kid, iat: Math.floor(now.getTime() / 1000) }),
  ).toString('base64url')
  const signature = signBytes(digest, signingInput(header, topic, key, value), {
    key: createPrivateKey({ key: jwk, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363',
  })
  return `${header}..${signature.toString('base64url')}`
}

/** The owner of the trusted key (a JWK of the set) that signed, or an error. The key, not the header, says how. */
export function verify(trusted, topic, key, value, signature) {
  const [header, payload, bytes, ...more] = String(signature ?? '').split('.')
  if (!header || payload !== '' || !bytes || more.length > 0) throw new Error('the signature is not a detached JWS')
  const claims = JSON.parse(Buffer.from(header, 'base64url').toString())
  const jwk = trusted.find(k => k.kid === claims.kid)
  if (!jwk) throw new Error(`no trusted key is named ${claims.kid}`)
  const { alg, digest } = algorithm(jwk)
  const holds =
    claims.alg === alg &&
    verifyBytes(
      digest,
      signingInput(header, topic, key, value),
      { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
      Buffer.from(bytes, 'base64url'),
    )
  if (!holds) throw new Error(`the signature of ${claims.kid} does not fit the record`)
  return jwk.kid.split('/')[0]
}
