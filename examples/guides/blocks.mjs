// The shell commands of a guide, in order. Pure.

const SHELL = ['sh', 'bash', 'shell', 'console']
const COMMAND = /^ {4,}(\$ |[A-Za-z_]+=\$\(|((\.{1,2}|bench|examples|deploy)\/\S+|curl|npm|npx|node|mvn|docker|docker-compose|kubectl|helm|export|cd|java|az|aws|git|sh|bash)( |$))/

/** What may stand above a block, and what it means. */
const MARKERS = [
  [/^<!-- not run: (\S.*) -->$/, ([, reason]) => ({ skipped: reason })],
  [/^<!-- stays running -->$/, () => ({ background: true })],
  [/^<!-- run before: ([a-z0-9.-]+\.sh) -->$/, ([, file]) => ({ before: file })],
]

function marker(line, at) {
  if (!line.startsWith('<!--') || !/not run|stays running|run before/.test(line)) return {}
  const found = MARKERS.map(([pattern, mean]) => [pattern.exec(line), mean]).find(([match]) => match)
  if (!found) throw new Error(`${at}: this marker is not understood: ${line}`)
  return found[1](found[0])
}

/**
 * @returns {{line: number, text: string, skipped?: string, background?: boolean, before?: string}[]} lines count from 1
 * @throws Error with file and line for a block that says no language, and for commands outside of a fence
 */
export function blocksOf(name, markdown) {
  const lines = markdown.split('\n')
  const blocks = []
  let open
  lines.forEach((line, i) => {
    const at = `${name}:${i + 1}`
    const fence = /^(\s*)(```+|~~~+)\s*([^\s`]*)/.exec(line)
    if (open) {
      if (fence && fence[2].startsWith(open.fence) && fence[3] === '') {
        if (SHELL.includes(open.language)) blocks.push({ line: open.line, text: open.lines.join('\n'), ...open.marker })
        open = undefined
      } else {
        open.lines.push(line.slice(open.indent))
      }
    } else if (fence) {
      if (fence[3] === '') throw new Error(`${at}: a block must say its language (text, when it is none)`)
      open = { fence: fence[2], indent: fence[1].length, language: fence[3], line: i + 1, lines: [], marker: marker(lines[i - 1]?.trim() ?? '', `${name}:${i}`) }
    } else if (COMMAND.test(line)) {
      throw new Error(`${at}: a command stands outside of a fenced block: ${line.trim()}`)
    }
  })
  if (open) throw new Error(`${name}:${open.line}: a block is not closed`)
  return blocks
}

/**
 * Where a shell block stands that nobody runs and that does not say why.
 * @param guides {name, blocks} of all that is written
 * @param run names of those that are run
 */
export function unrun(guides, run) {
  return guides
    .filter(({ name }) => !run.includes(name))
    .flatMap(({ name, blocks }) => blocks.filter(b => !b.skipped).map(b => `${name}:${b.line}`))
}

const quoted = text => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * One script for bash that runs the blocks of guides in order, in one shell, each guide from the same directory. What stays running is
 * started once, however many guides say so.
 * @param guides {name, blocks}
 * @param ports what stands in the guides, and what it is here
 */
export function scriptOf(guides, ports = {}) {
  const here = text => Object.entries(ports).reduce((t, [from, to]) => t.replaceAll(`127.0.0.1:${from}`, `127.0.0.1:${to}`), text)
  const lines = [
    'set -Eeuo pipefail',
    `trap 'echo "FAILED: a command of $AT" >&2' ERR`,
    'HOME_OF_GUIDES=$PWD',
  ]
  const running = new Set()
  for (const { name, blocks } of guides) {
    lines.push('cd "$HOME_OF_GUIDES"')
    for (const block of blocks) {
      const at = `${name}:${block.line}`
      if (block.skipped) {
        lines.push(`echo ${quoted(`== ${at} not run: ${block.skipped}`)}`)
        continue
      }
      lines.push(`AT=${quoted(at)}`, `echo ${quoted(`== ${at}`)}`)
      if (block.before) lines.push(`. "$BEFORE/${block.before}"`)
      if (running.has(block.text)) continue
      if (block.background) {
        running.add(block.text)
        lines.push(`{ ${here(block.text)}\n} >"$UP_LOG" 2>&1 &`, 'echo $! >"$UP_PID"', 'wait_until_up')
      }
      else lines.push(here(block.text))
    }
  }
  return `${lines.join('\n')}\n`
}
