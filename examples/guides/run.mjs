// Prints the script of the guides that are named, with the ports of the environment in place of the usual ones.
import { readFileSync } from 'node:fs'
import { blocksOf, scriptOf } from './blocks.mjs'

const guides = process.argv.slice(2).map(name => ({ name, blocks: blocksOf(name, readFileSync(name, 'utf8')) }))
const empty = guides.find(g => g.blocks.length === 0)
if (empty) throw new Error(`${empty.name} has no shell block`)
process.stdout.write(scriptOf(guides, { 8080: process.env.POSTERN_WEB_PORT, 8081: process.env.POSTERN_REGISTRY_PORT, 9092: process.env.POSTERN_KAFKA_PORT }))
