// The signature of a record: a detached JWS (RFC 7515, appendix F) in the header `postern-signature`, over the record or, for writers with
// many records at once, over the root of a hash tree of them.
import { createHash, createPrivateKey, createPublicKey, sign as signBytes, verify as verifyBytes } from 'node:crypto'

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

const signingInput = (header, payload) => Buffer.from(`${header}.${payload.toString('base64url')}`)

/** Signs with a private JWK whose `kid` is `<producer>/<serial>`; key and value are Buffers, as they go to the log. */
export function sign(jwk, topic, key, value, now = new Date()) {
  const { alg, digest } = algorithm(jwk)
  const header = Buffer.from(
    JSON.stringify({ alg, kid: jwk.kid, iat: Math.floor(now.getTime() / 1000) }),
  ).toString('base64url')
  const signature = signBytes(digest, signingInput(header, content(topic, key, value)), {
    key: createPrivateKey({ key: jwk, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363',
  })
  return `${header}..${signature.toString('base64url')}`
}

const BATCH = 'postern-batch'
const MOST_IN_BATCH = 65_536
const HASH = 32

const hash = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest()
const LEAF = Buffer.from([0])
const NODE = Buffer.from([1])

/** The root of the batch's tree, from a record, its place `index~count~path` and the siblings on the path. */
function rootOf(record, place) {
  const [index, count, path, ...more] = place
  const size = Number(count)
  let i = Number(index)
  if (!/^\d{1,6}$/.test(index) || !/^\d{1,6}$/.test(count) || path === undefined || more.length > 0 || size > MOST_IN_BATCH || i >= size) {
    throw new Error('the signature is not one over a batch')
  }
  const siblings = Buffer.from(path, 'base64url')
  let used = 0
  let node = hash(LEAF, record)
  for (let level = size; level > 1; level = Math.ceil(level / 2), i >>= 1) {
    // The last of an odd level has no sibling and moves up as it is.
    if ((i ^ 1) >= level) continue
    const sibling = siblings.subarray(used, (used += HASH))
    if (sibling.length !== HASH) throw new Error('the path of the batch is too short')
    node = i % 2 === 0 ? hash(NODE, node, sibling) : hash(NODE, sibling, node)
  }
  if (used !== siblings.length) throw new Error('the path of the batch is too long')
  return node
}

/** The owner of the trusted key (a JWK of the set) that signed, or an error. The key, not the header, says how. */
export function verify(trusted, topic, key, value, signature) {
  const [jws, ...place] = String(signature ?? '').split('~')
  const [header, payload, bytes, ...more] = jws.split('.')
  if (!header || payload !== '' || !bytes || more.length > 0) throw new Error('the signature is not a detached JWS')
  const claims = JSON.parse(Buffer.from(header, 'base64url').toString())
  const jwk = trusted.find(k => k.kid === claims.kid)
  if (!jwk) throw new Error(`no trusted key is named ${claims.kid}`)
  const { alg, digest } = algorithm(jwk)
  const record = content(topic, key, value)
  const batch = place.length > 0
  const holds =
    claims.alg === alg &&
    // What is signed says which of the two it is: neither can be taken for the other.
    (claims.typ === BATCH) === batch &&
    verifyBytes(
      digest,
      signingInput(header, batch ? rootOf(record, place) : record),
      { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
      Buffer.from(bytes, 'base64url'),
    )
  if (!holds) throw new Error(`the signature of ${claims.kid} does not fit the record`)
  return jwk.kid.split('/')[0]
}
