import type { Answer } from './answers.ts'

export function more(_permissions: readonly string[]): Answer[] {
  return []
}
