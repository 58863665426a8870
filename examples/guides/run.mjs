// Prints the script of the guides that are named, with the ports of the environment in place of the usual ones. Fails when any other page
// has commands that nobody runs.
import { readdirSync, readFileSync } from 'node:fs'
import { blocksOf, scriptOf, unrun } from './blocks.mjs'

const NOT_OURS = new Set(['node_modules', 'target'])

function pages(directory) {
  return readdirSync(directory || '.', { withFileTypes: true }).flatMap(entry => {
    const path = directory ? `${directory}/${entry.name}` : entry.name
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) || entry.name.startsWith('.') ? [] : pages(path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}

const read = name => ({ name, blocks: blocksOf(name, readFileSync(name, 'utf8')) })
const run = process.argv.slice(2)
const guides = run.map(read)
const empty = guides.find(g => g.blocks.length === 0)
if (empty) throw new Error(`${empty.name} has no shell block`)
const forgotten = unrun(pages('').map(read), run)
if (forgotten.length > 0) throw new Error(`nobody runs ${forgotten.join(', ')}: name the page in check.sh, or say above the block <!-- not run: why -->`)
process.stdout.write(scriptOf(guides, { 8080: process.env.POSTERN_WEB_PORT, 8081: process.env.POSTERN_REGISTRY_PORT, 8090: process.env.POSTERN_ARM_PORT, 8091: process.env.POSTERN_EC2_PORT, 9092: process.env.POSTERN_KAFKA_PORT }))
