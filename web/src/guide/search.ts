import type { GuideEntry } from './types.ts'

export type Hit = GuideEntry & { piece: string }

const mostHits = 20

/** Chinese is searched by pairs of letters, because it has no spaces between words. */
export function termsOf(asked: string): string[] {
  const runs = asked.toLowerCase().match(/[\p{Script=Han}]+|[\p{L}\p{N}]+/gu) ?? []
  const terms = runs.flatMap((run) => {
    if (!/\p{Script=Han}/u.test(run) || run.length < 3) return [run]
    return Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2))
  })
  return [...new Set(terms)]
}

/**
 * Returns the sections that have at least half of the terms, the best first; a term in the heading counts three times. So a question in a
 * whole sentence finds its section too.
 */
export function searchGuide(entries: readonly GuideEntry[], asked: string): Hit[] {
  const terms = termsOf(asked)
  if (terms.length === 0) return []
  return entries
    .flatMap((entry) => {
      const [title, text] = [entry.title.toLowerCase(), entry.text.toLowerCase()]
      const found = terms.filter((term) => title.includes(term) || text.includes(term))
      if (found.length * 2 < terms.length) return []
      const score = found.reduce((sum, term) => sum + (title.includes(term) ? 3 : 1), 0)
      return [{ score, hit: { ...entry, piece: pieceOf(entry.text, found) } }]
    })
    .toSorted((a, b) => b.score - a.score)
    .slice(0, mostHits)
    .map(({ hit }) => hit)
}

/** The text around the first term. */
function pieceOf(text: string, terms: readonly string[]): string {
  const lower = text.toLowerCase()
  const at = Math.max(0, Math.min(...terms.map((term) => lower.indexOf(term)).filter((found) => found >= 0)))
  const from = Number.isFinite(at) ? Math.max(0, at - 12) : 0
  return `${from > 0 ? '…' : ''}${text.slice(from, from + 60)}${text.length > from + 60 ? '…' : ''}`
}
