// Which machine is meant.
import { list } from './text.mjs'

const SHOWN = 5

/**
 * The id of the machine with a name, with an id, or with an id that ends so.
 * @param {Iterable<{machineId: string, name: string}>} machines all that `jit.machines` has
 * @returns {{id: string} | {why: string}}
 */
export function machineNamed(name, machines) {
  const wanted = name.toLowerCase()
  const found = new Set()
  for (const m of machines) {
    const id = m.machineId.toLowerCase()
    if (m.name.toLowerCase() === wanted || id === wanted || id.endsWith(`/${wanted}`)) found.add(m.machineId)
  }
  const ids = [...found].sort()
  if (ids.length === 1) return { id: ids[0] }
  if (ids.length === 0) return { why: `no machine is called ${name}` }
  const more = ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : ''
  return { why: `${ids.length} machines are called ${name}; name one by its id: ${list(ids.slice(0, SHOWN))}${more}` }
}
