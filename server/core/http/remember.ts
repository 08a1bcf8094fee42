import type { Scope } from '../access/actor.ts'

const answersMax = 500

/** Caches the answer of `ask` for `maxAgeMs` for each scope. Concurrent requests share one answer; a failure is not cached. */
export function remember<T>(
  maxAgeMs: number,
  ask: (scope: Scope) => Promise<T>,
): (scope: Scope) => Promise<T> {
  const answers = new Map<string, { askedAt: number; answer: Promise<T> }>()
  return (scope) => {
    const key = [scope.shops, scope.warehouses]
      .map((granted) => (granted === 'all' ? granted : granted.toSorted().join(',')))
      .join('/')
    const known = answers.get(key)
    if (known && performance.now() - known.askedAt < maxAgeMs) return known.answer
    const answer = ask(scope)
    if (answers.size >= answersMax) answers.clear()
    answers.set(key, { askedAt: performance.now(), answer })
    answer.catch(() => answers.delete(key))
    return answer
  }
}
