// A POST that is made again when the other side is busy, and given up in the end.
import { setTimeout as pause } from 'node:timers/promises'

/**
 * How often and how long: `tries` in all; waits double from `firstWait` to `longestWait`; a Retry-After counts up to `longestWait`.
 * Milliseconds.
 */
export const BOUNDS = { tries: 8, firstWait: 1000, longestWait: 120_000, answerWithin: 10_000 }

/** When to try again after the n-th try (from 1), in milliseconds from now. */
export function waitAfter(n, retryAfter, now, bounds = BOUNDS) {
  const own = Math.min(bounds.firstWait * 2 ** (n - 1), bounds.longestWait)
  if (!retryAfter) return own
  const asked = /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now
  return Number.isFinite(asked) ? Math.min(Math.max(asked, own), bounds.longestWait) : own
}

const isBusy = status => status === 408 || status === 429 || status >= 500

/**
 * Posts a body of JSON.
 * @returns {{ok: true} | {ok: false, why: string}} it does not throw: what failed for good is said
 */
export async function post(url, body, { bounds = BOUNDS, warn = () => {}, signal } = {}) {
  for (let n = 1; ; n++) {
    let why
    let retryAfter
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(bounds.answerWithin), ...(signal ? [signal] : [])]),
      })
      await answer.body?.cancel()
      if (answer.ok) return { ok: true }
      why = `answered ${answer.status}`
      if (!isBusy(answer.status)) return { ok: false, why }
      retryAfter = answer.headers.get('retry-after')
    } catch (e) {
      signal?.throwIfAborted()
      why = `did not answer: ${e.cause?.code ?? e.name}`
    }
    if (n >= bounds.tries) return { ok: false, why: `${why}, ${n} times` }
    const wait = waitAfter(n, retryAfter, Date.now(), bounds)
    warn(`the webhook ${why}; trying again in ${wait} ms`)
    await pause(wait, undefined, { signal })
  }
}
