import { ApiError } from '../api.ts'

/** A request without an answer for so long counts as one that did not arrive. It may have: its key makes a second one harmless. */
const patienceMs = 5_000

class NoAnswer extends Error {}

export function inTime<T>(asked: Promise<T>, ms = patienceMs): Promise<T> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new NoAnswer()), ms)
    asked.then(done, fail).finally(() => clearTimeout(timer))
  })
}

/** True if the server was not reached, or is not able to answer now. The same request may be sent later. */
export function isAway(error: unknown): boolean {
  if (error instanceof ApiError)
    return error.code === 'unreachable' || [401, 429, 502, 503, 504].includes(error.status)
  return error instanceof NoAnswer
}
