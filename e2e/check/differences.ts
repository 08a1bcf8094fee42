/** One difference between our data and the platform's, with its identity. */
export type Difference = { shop: string; rule: string; id: string; expected: unknown; found: unknown }

/** Collects the differences of one shop. */
export type Notebook = {
  /** Records a difference if the values are not equal. */
  same(rule: string, id: string, expected: unknown, found: unknown): void
  /** Records a difference if `ok` is false. */
  holds(rule: string, id: string, ok: boolean, found: unknown): void
}

export function notebook(shop: string, all: Difference[]): Notebook {
  return {
    same(rule, id, expected, found) {
      if (JSON.stringify(expected) !== JSON.stringify(found)) all.push({ shop, rule, id, expected, found })
    },
    holds(rule, id, ok, found) {
      if (!ok) all.push({ shop, rule, id, expected: true, found })
    },
  }
}

/** Returns the keys that occur more than once. */
export function doubled(keys: readonly string[]): string[] {
  const seen = new Set<string>()
  return keys.filter((key) => seen.size === seen.add(key).size)
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
