import type { LocalizedText } from '../../../../server/lib/localized-text.ts'
import { troubleWords } from '../../../../server/lib/trouble-words.ts'
import type { LocalizedPair, Say } from '../../words.ts'

/** Names of fields and programs, as no clerk says them: they stand on no screen. */
export const looksLikeCode = (text: string) => /^[\w.:-]+( [0-9A-Z]{5})?$/.test(text)

/** A failure as it is kept: a sentence stays as somebody wrote it, a code becomes words. */
export function troubleText(error: string, say: Say): string {
  if (error === '') return ''
  if (looksLikeCode(error)) return say(troubleWords(error))
  return saidByPlatform(error, say) ?? error
}

/** Connectors keep what a platform answered as 'code · message · finer code · its sentence'; only the sentence is for people. */
function saidByPlatform(error: string, say: Say): string | undefined {
  const parts = error.split(' · ')
  const [first = ''] = parts
  if (parts.length === 1 || !looksLikeCode(first)) return undefined
  const told = parts.filter((part) => /\p{Script=Han}/u.test(part))
  return told.length > 0
    ? [...new Set(told)].join(say(['，', ', ']))
    : say(troubleWords(parts.findLast((part) => looksLikeCode(part)) ?? first))
}

/** Words for a code of a table; one that nobody has words for is told of in other words, never as it is. */
export function codeText(
  words: Readonly<Record<string, LocalizedPair | LocalizedText>>,
  code: string,
  say: Say,
  otherwise: LocalizedPair = ['其他', 'Other'],
): string {
  return say((Object.hasOwn(words, code) ? words[code] : undefined) ?? otherwise)
}

/** The seller's flag by its number; 0 is none. */
export const flagNames: readonly LocalizedPair[] = [
  ['无', 'None'],
  ['红', 'Red'],
  ['黄', 'Yellow'],
  ['绿', 'Green'],
  ['蓝', 'Blue'],
  ['紫', 'Purple'],
]
