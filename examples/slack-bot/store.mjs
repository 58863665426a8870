// The book as a file, which is either the old one or the new one, whenever the bot is killed.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { emptyBook } from './book.mjs'

export function openStore(file) {
  let book = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : emptyBook()
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
