import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { blocksOf, scriptOf, unrun } from './blocks.mjs'

const guide = (...lines) => lines.join('\n')
const run = (blocks, ports) => spawnSync('bash', ['-c', scriptOf([{ name: 'g.md', blocks }], ports)], { encoding: 'utf8' })

test('finds shell blocks, and no others', () => {
  const blocks = blocksOf('g.md', guide('# x', '```sh', 'echo a', '', 'echo b', '```', '```json', '{}', '```', '  ```bash', '  echo c', '  ```'))
  assert.deepEqual(blocks, [
    { line: 2, text: 'echo a\n\necho b' },
    { line: 10, text: 'echo c' },
  ])
})

test('reads what stands above a block', () => {
  const [skipped, up, before] = blocksOf(
    'g.md',
    guide('<!-- not run: needs a cloud -->', '```sh', 'x', '```', '<!-- stays running -->', '```sh', 'y', '```', '<!-- run before: a.sh -->', '```sh', 'z', '```'),
  )
  assert.equal(skipped.skipped, 'needs a cloud')
  assert.equal(up.background, true)
  assert.equal(before.before, 'a.sh')
})

test('refuses what would not be run in silence', () => {
  const refused = (message, ...lines) => assert.throws(() => blocksOf('g.md', guide(...lines)), message)
  refused(/g.md:1: a block must say its language/, '```', './postern up', '```')
  refused(/g.md:3: a command stands outside/, 'text', '', '    ./postern up --data x')
  refused(/g.md:1: a command stands outside/, '    $ ls')
  refused(/g.md:1: a command stands outside/, '    TOKEN=$(./postern token root)')
  refused(/g.md:1: a command stands outside/, '    bench/run audit')
  refused(/g.md:1: this marker is not understood/, '<!-- not run -->', '```sh', 'x', '```')
  refused(/g.md:1: a block is not closed/, '```sh', 'x')
})

test('one shell runs all blocks, and stops at the first command that fails', () => {
  const well = run([{ line: 1, text: 'A=1\ncd /' }, { line: 4, text: 'echo "$A $PWD"' }])
  assert.equal(well.status, 0)
  assert.match(well.stdout, /== g.md:1\n== g.md:4\n1 \/\n/)
  for (const text of ['false', 'false | cat', 'A=$(false)', 'echo $NOT_GIVEN', 'no-such-command']) {
    const ill = run([{ line: 7, text }, { line: 9, text: 'echo went on' }])
    assert.notEqual(ill.status, 0, text)
    assert.doesNotMatch(ill.stdout, /went on/, text)
  }
  assert.match(run([{ line: 7, text: 'false' }]).stderr, /FAILED: a command of g.md:7/)
})

test('says what it leaves out, and moves ports', () => {
  const { stdout } = run([{ line: 1, text: 'exit 1', skipped: "it's big" }, { line: 2, text: 'echo 127.0.0.1:8080' }], { 8080: 4711 })
  assert.match(stdout, /== g.md:1 not run: it's big/)
  assert.match(stdout, /127\.0\.0\.1:4711/)
})

test('finds what nobody runs', () => {
  const guides = [
    { name: 'a.md', blocks: blocksOf('a.md', guide('```sh', 'x', '```')) },
    { name: 'b.md', blocks: blocksOf('b.md', guide('<!-- not run: needs a cloud -->', '```sh', 'x', '```', '```sh', 'y', '```')) },
  ]
  assert.deepEqual(unrun(guides, ['a.md']), ['b.md:5'])
  assert.deepEqual(unrun(guides, ['a.md', 'b.md']), [])
})

test('starts once what stays running', () => {
  const up = { line: 1, text: 'echo up', background: true }
  const script = scriptOf([
    { name: 'a.md', blocks: [up] },
    { name: 'b.md', blocks: [{ ...up, line: 9 }, { line: 12, text: 'echo b' }] },
  ])
  assert.equal(script.split('wait_until_up').length, 2)
  assert.match(script, /echo b/)
})
