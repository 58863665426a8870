import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { BOUNDS, post, waitAfter } from '../post.mjs'

const quick = { ...BOUNDS, tries: 4, firstWait: 1, longestWait: 5 }

/** A webhook that answers with these statuses, in turn, and then with 202; `null` breaks the connection. */
async function webhook(statuses, work, headers = {}) {
  const bodies = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(body)
    const status = statuses.length > 0 ? statuses.shift() : 202
    if (status === null) return request.socket.destroy()
    response.writeHead(status, headers)
    return response.end('answer')
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    return { result: await work(`http://127.0.0.1:${server.address().port}/hook`), bodies }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('posts once when it is taken', async () => {
  const { result, bodies } = await webhook([], url => post(url, '{"a": 1}', { bounds: quick }))
  assert.deepEqual([result, bodies], [{ ok: true }, ['{"a": 1}']])
})

test('tries again while the other side is busy, with the same body', async () => {
  const warnings = []
  const { result, bodies } = await webhook([429, 503, null], url => post(url, '{}', { bounds: quick, warn: w => warnings.push(w) }))
  assert.deepEqual(result, { ok: true })
  assert.deepEqual(bodies, ['{}', '{}', '{}', '{}'])
  assert.equal(warnings.length, 3)
  assert.doesNotMatch(warnings.join(), /127\.0\.0\.1/, 'the address of a webhook is a secret')
})

test('gives up after so many tries', async () => {
  const { result, bodies } = await webhook([500, 500, 500, 500, 500], url => post(url, '{}', { bounds: quick }))
  assert.deepEqual([result, bodies.length], [{ ok: false, why: 'answered 500, 4 times' }, 4])
})

test('does not repeat what is wrong, nor follow anywhere', async () => {
  for (const status of [400, 401, 404, 410, 413]) {
    const { result, bodies } = await webhook([status], url => post(url, '{}', { bounds: quick }))
    assert.deepEqual([result, bodies.length], [{ ok: false, why: `answered ${status}` }, 1])
  }
  const { result } = await webhook([302, 302, 302, 302], url => post(url, '{}', { bounds: quick }), { location: 'http://127.0.0.1:1/' })
  assert.equal(result.ok, false)
})

test('ends at once when it is told to', async () => {
  const stop = new AbortController()
  const { bodies } = await webhook([503], async url => {
    const trying = post(url, '{}', { bounds: { ...BOUNDS, firstWait: 60_000 }, warn: () => stop.abort(), signal: stop.signal })
    await assert.rejects(trying, { name: 'AbortError' })
  })
  assert.equal(bodies.length, 1)
})

test('waits longer each time, as long as it is told, and never longer than the bound', () => {
  const now = Date.parse('2026-11-24T14:00:00Z')
  assert.deepEqual([1, 2, 3, 8, 60].map(n => waitAfter(n, null, now)), [1000, 2000, 4000, 120_000, 120_000])
  assert.equal(waitAfter(1, '30', now), 30_000)
  assert.equal(waitAfter(1, '0', now), 1000)
  assert.equal(waitAfter(1, '99999', now), 120_000)
  assert.equal(waitAfter(1, 'Tue, 24 Nov 2026 14:00:20 GMT', now), 20_000)
  assert.equal(waitAfter(1, 'soon', now), 1000)
})
