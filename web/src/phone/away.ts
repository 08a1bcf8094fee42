import { ApiError } from '../api.ts'

/** A request that has no answer after this time counts as not arrived. If it did arrive, its key makes the next try harmless. */
const patienceMs = 5_000

class NoAnswer extends Error {}

export function inTime<T>(asked: Promise<T>, ms = patienceMs): Promise<T> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new NoAnswer()), ms)
    asked.then(done, fail).finally(() => clearTimeout(timer))
  })
}

/** True if the server was not reached, or does the request only later: after a new sign-in (401), or when it is able to again. */
export function isAway(error: unknown): boolean {
  if (error instanceof ApiError)
    return error.code === 'unreachable' || [401, 429, 502, 503, 504].includes(error.status)
  return error instanceof NoAnswer
}
