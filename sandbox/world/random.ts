/** A small generator of random numbers (sfc32): the same seed always gives the same world. */
export interface Random {
  /** A float in [0, 1). */
  next(): number
  /** An integer in [0, n). */
  int(n: number): number
  /** An integer in [low, high], both included. */
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** Picks one of the values with the given weights. */
  weighted<T>(pairs: readonly (readonly [T, number])[]): T
}

export function createRandom(seed: string): Random {
  let a = hash32(`${seed}a`)
  let b = hash32(`${seed}b`)
  let c = hash32(`${seed}c`)
  let d = 1
  function next(): number {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 4294967296
  }
  for (let i = 0; i < 12; i++) next()
  const int = (n: number) => Math.floor(next() * n)
  return {
    next,
    int,
    between: (low, high) => low + int(high - low + 1),
    chance: (probability) => next() < probability,
    pick: (list) => at(list, int(list.length)),
    weighted(pairs) {
      let total = 0
      for (const pair of pairs) total += pair[1]
      let left = next() * total
      for (const pair of pairs) {
        left -= pair[1]
        if (left < 0) return pair[0]
      }
      return at(pairs, pairs.length - 1)[0]
    },
  }
}

/** Returns a 32-bit hash of a text: FNV-1a with a final mix, so that similar texts get very different hashes. */
export function hash32(text: string): number {
  let hash = 2166136261
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 16777619)
  }
  hash ^= hash >>> 15
  hash = Math.imul(hash, 2246822507)
  hash ^= hash >>> 13
  return hash >>> 0
}

/** Returns element `index`. Throws if there is none. */
export function at<T>(list: readonly T[], index: number): T {
  const value = list[index]
  if (value === undefined) throw new RangeError(`no element ${index} in a list of ${list.length}`)
  return value
}
