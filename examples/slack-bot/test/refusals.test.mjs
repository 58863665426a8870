import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFinal } from '../refusals.mjs'

const refused = error => ({ code: 'slack_webapi_platform_error', data: { ok: false, error } })

test('a message that Slack will not have is given up', () => {
  for (const error of ['channel_not_found', 'is_archived', 'invalid_blocks', 'message_not_found', 'something_new']) assert.ok(isFinal(refused(error)), error)
})

test('what is wrong with all messages is waited out', () => {
  for (const error of ['ratelimited', 'token_revoked', 'invalid_auth', 'missing_scope', 'internal_error']) assert.ok(!isFinal(refused(error)), error)
  assert.ok(!isFinal({ code: 'slack_webapi_request_error' }))
  assert.ok(!isFinal({ code: 'slack_webapi_http_error', statusCode: 503 }))
  assert.ok(!isFinal(new Error('anything else')))
})
