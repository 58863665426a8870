// What a program has done and how far it has read, as a file that is either the old one or the new one, whenever the program is killed.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'

/** The book once everything before `offset` of a partition is done. */
export const readTo = (book, topic, partition, offset) => ({
  ...book,
  positions: { ...book.positions, [topic]: { ...book.positions[topic], [partition]: offset } },
})

/** @param empty the book of a program that has never run */
export function openStore(file, empty) {
  let book = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : empty
  return {
    get: () => book,
    /** Puts another book in place of the one before, on the disk when it returns. */
    set(next) {
      const fresh = `${file}.new`
      const fd = openSync(fresh, 'w', 0o600)
      try {
        writeSync(fd, JSON.stringify(next))
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(fresh, file)
      book = next
    },
  }
}
