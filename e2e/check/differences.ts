/** One place where our books and the platform's disagree, with its identity. */
export type Difference = { shop: string; rule: string; id: string; expected: unknown; found: unknown }

/** Gathers differences of one shop. */
export type Notebook = {
  /** Notes a difference when the two are not the same. */
  same(rule: string, id: string, expected: unknown, found: unknown): void
  /** Notes a difference unless it holds. */
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

/** What several rows share: how often each key occurs more than once. */
export function doubled(keys: readonly string[]): string[] {
  const seen = new Set<string>()
  return keys.filter((key) => seen.size === seen.add(key).size)
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
