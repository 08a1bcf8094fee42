import { useState } from 'react'

type Edits<Rule, Stored> = { rules: readonly Rule[]; base: Stored }

/**
 * The rules as the user edits them. Edits belong to the version on which they began (`base`): when another user saves meanwhile, they are
 * kept, and saving them is refused as a conflict. `forget` drops the edits.
 */
export function useRules<Rule, Stored>(stored: Stored, rulesOf: (stored: Stored) => readonly Rule[]) {
  const [edits, setEdits] = useState<Edits<Rule, Stored>>()
  const base = edits?.base ?? stored
  const initial = rulesOf(base)
  const isEdited = (rules: readonly Rule[]) => JSON.stringify(rules) !== JSON.stringify(initial)
  return {
    base,
    rules: edits?.rules ?? initial,
    dirty: edits !== undefined,
    setRules: (rules: readonly Rule[]) => setEdits(isEdited(rules) ? { rules, base } : undefined),
    forget: () => setEdits(undefined),
  }
}
