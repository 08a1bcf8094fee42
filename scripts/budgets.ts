/**
 * The usual time of each step of `npm test` on two idle cores, and its limit: a step that takes longer fails. The limits of the static
 * steps have room for a first run, which has no caches.
 */
const budgets: Record<string, { usualSeconds: number; budgetSeconds: number }> = {
  types: { usualSeconds: 8, budgetSeconds: 90 },
  'lint and format': { usualSeconds: 3, budgetSeconds: 60 },
  'import rules': { usualSeconds: 2, budgetSeconds: 60 },
  'dead code': { usualSeconds: 2, budgetSeconds: 60 },
  tidy: { usualSeconds: 1, budgetSeconds: 10 },
  // Houses run beside the other two, so each of the three shares the processors. Processors of half the speed need twice the time.
  'unit, integration': { usualSeconds: 410, budgetSeconds: 1100 },
  houses: { usualSeconds: 250, budgetSeconds: 800 },
  browser: { usualSeconds: 280, budgetSeconds: 1000 },
}

/** Returns the limit in seconds. `TEST_BUDGETS=2` doubles every limit, for slow machines; `TEST_BUDGETS=0` removes them. */
export function budgetOf(step: string, factor = Number(process.env['TEST_BUDGETS'] ?? 1)): number {
  const budget = budgets[step]
  if (budget === undefined) throw new Error(`${step} has no budget in scripts/budgets.ts`)
  return factor === 0 ? Number.POSITIVE_INFINITY : budget.budgetSeconds * factor
}

export function budgetWords(step: string): string {
  return `usually ${budgets[step]?.usualSeconds} s, at most ${budgetOf(step)} s`
}
