import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tell, TOLD } from '../../chat-core/story.mjs'
import { event, EVENTS } from '../../chat-core/test/events.mjs'
import { draw } from '../card.mjs'
import { emptyBook, readTypes, telling, told } from '../telling.mjs'

const context = { ports: undefined, extendMillis: 1 }
const content = body => JSON.parse(body).attachments[0].content

test('is what a Workflows webhook takes', () => {
  const body = JSON.parse(draw(tell('AccessOpened', EVENTS.AccessOpened, context), 'https://postern.example/'))
  assert.equal(body.type, 'message')
  assert.equal(body.attachments[0].contentType, 'application/vnd.microsoft.card.adaptive')
  const card = body.attachments[0].content
  assert.deepEqual([card.type, card.version], ['AdaptiveCard', '1.4'])
  assert.equal(card.body[0].style, 'good')
  assert.deepEqual(card.actions, [{ type: 'Action.OpenUrl', title: 'Open in Postern', url: 'https://postern.example/' }])
  assert.equal(content(draw(tell('AccessOpened', EVENTS.AccessOpened, context))).actions, undefined)
})

test('what people wrote stands in text runs only', () => {
  const hostile = '<at>everyone</at> [click](https://evil.example) **bold** ![x](y)'
  for (const type of TOLD) {
    const card = content(draw(tell(type, event(type, { justification: hostile, requestor: { subject: hostile }, by: { subject: hostile }, message: hostile, reasons: [{ code: 'X', message: hostile }] }), context)))
    const walk = node => {
      if (node === null || typeof node !== 'object') return
      if (typeof node.text === 'string') assert.equal(node.type, 'TextRun', type)
      assert.notEqual(node.type, 'TextBlock')
      assert.equal(node.msteams, undefined)
      Object.values(node).forEach(walk)
    }
    walk(card)
  }
})

test('stays below what a webhook takes, however long the text', () => {
  const long = '💥'.repeat(30_000)
  const sources = Array.from({ length: 1000 }, () => long.slice(0, 100))
  for (const type of TOLD) {
    const given = Array.from({ length: 50 }, () => ({ approver: { subject: long } }))
    const body = draw(tell(type, event(type, { justification: long, requestor: { subject: long }, by: { subject: long }, message: long, sources, given, reasons: [{ code: long, message: long }] }), context))
    assert.ok(Buffer.byteLength(body) < 28_000, `${type}: ${Buffer.byteLength(body)}`)
    assert.ok(body.isWellFormed(), type)
  }
})

test('tells what is wanted, once', () => {
  const book = emptyBook()
  assert.equal(telling(book, readTypes(), 'AccessGranted', EVENTS.AccessGranted), undefined)
  assert.equal(telling(book, readTypes(['AccessGranted']), 'AccessGranted', EVENTS.AccessGranted).title, 'Granted: i-0abc')
  assert.equal(telling(told(book, EVENTS.AccessOpened), readTypes(), 'AccessOpened', EVENTS.AccessOpened), undefined)
})

test('a type that cannot be told stops the start', () => {
  assert.throws(() => readTypes(['AccessOpen']), /AccessOpen is not one of/)
  assert.throws(() => readTypes('AccessOpened'), /is not one of/)
})
