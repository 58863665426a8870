import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tell, TOLD } from '../../chat-core/story.mjs'
import { event, EVENTS } from '../../chat-core/test/events.mjs'
import { draw, escape, typed } from '../blocks.mjs'

const context = { ports: undefined, extendMillis: 60_000 }
const texts = blocks => blocks.flatMap(b => [b.text, ...(b.fields ?? []), ...(b.elements ?? []).map(e => e.text)].filter(Boolean))

test('what people wrote never stands where Slack formats or mentions', () => {
  const hostile = '<!channel> <@U1> *bold* `x` <https://evil.example|web> & :bomb:'
  for (const type of TOLD) {
    const drawn = draw(
      tell(
        type,
        event(type, {
          justification: hostile,
          machineId: `arn:aws:ec2:x:1:instance/${hostile}`,
          requestor: { subject: hostile },
          by: { subject: hostile },
          message: hostile,
          revokedBy: hostile,
          reasons: [{ code: 'X', message: hostile }],
        }),
        context,
      ),
    )
    for (const text of texts(drawn.blocks)) {
      if (text.type === 'mrkdwn') assert.match(text.text, /^\*[A-Za-z ]+\*$/, type)
      else assert.deepEqual([text.type, text.emoji], ['plain_text', false])
    }
    assert.doesNotMatch(drawn.text, /[<>]/, type)
    assert.deepEqual([drawn.parse, drawn.link_names, drawn.unfurl_links], ['none', false, false])
  }
})

test('stays within the limits of Slack, however long the text', () => {
  const long = '💥'.repeat(20_000)
  for (const type of TOLD) {
    const { blocks, text } = draw(tell(type, event(type, { justification: long, requestor: { subject: long }, by: { subject: long }, message: long, reasons: [{ code: long, message: long }] }), context))
    assert.ok(text.length <= 40_000 && blocks.length <= 50, type)
    for (const block of blocks) {
      if (block.type === 'header') assert.ok(block.text.text.length <= 150, type)
      for (const field of block.fields ?? []) assert.ok(field.text.length <= 2000, type)
      assert.ok((block.fields ?? []).length <= 10, type)
      for (const button of block.elements ?? []) assert.ok(button.text.text.length <= 75 && button.value.length <= 2000, type)
    }
  }
})

test('buttons carry what they are about', () => {
  const { blocks } = draw(tell('ApprovalRequested', EVENTS.ApprovalRequested, context))
  const [approve, refuse] = blocks.at(-1).elements
  assert.deepEqual([approve.action_id, approve.style, refuse.action_id, refuse.style], ['approve', 'primary', 'refuse', 'danger'])
  assert.equal(JSON.parse(approve.value).digest, EVENTS.ApprovalRequested.requestDigest)
})

test('escapes, and reads what Slack made of what was typed', () => {
  assert.equal(escape('a < b & <@U1>'), 'a &lt; b &amp; &lt;@U1&gt;')
  assert.equal(typed('&lt;b&gt; &amp;lt; &amp;'), '<b> &lt; &')
  assert.equal(typed('<http://web-01.example.com|web-01.example.com> 22 1h'), 'web-01.example.com 22 1h')
  assert.equal(typed('see <https://tracker.example/1>'), 'see https://tracker.example/1')
  assert.equal(typed('<!channel> <@U1|x>'), '<!channel> <@U1|x>')
})
