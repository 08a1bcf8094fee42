import type { LocalizedText } from '../../../../server/lib/localized-text.ts'
import { troubleWords } from '../../../../server/lib/trouble-words.ts'
import type { LocalizedPair, Say } from '../../words.ts'

/** True for names of fields and error codes, which must not be shown to users. */
export const looksLikeCode = (text: string) => /^[\w.:-]+( [0-9A-Z]{5})?$/.test(text)

/** Returns the text of a stored failure: a sentence as it is, a code as its label. */
export function troubleText(error: string, say: Say): string {
  if (error === '') return ''
  if (looksLikeCode(error)) return say(troubleWords(error))
  return saidByPlatform(error, say) ?? error
}

/**
 * Returns the platform's sentence, or without one the label of the finest code; undefined if the text is no answer of a platform. Connectors
 * store such an answer as 'code · message · finer code · sentence'.
 */
function saidByPlatform(error: string, say: Say): string | undefined {
  const parts = error.split(' · ')
  const [first = ''] = parts
  if (parts.length === 1 || !looksLikeCode(first)) return undefined
  const told = parts.filter((part) => /\p{Script=Han}/u.test(part))
  return told.length > 0
    ? [...new Set(told)].join(say(['，', ', ']))
    : say(troubleWords(parts.findLast((part) => looksLikeCode(part)) ?? first))
}

/** Returns the label of a code; `otherwise` if the code is unknown. */
export function codeText(
  words: Readonly<Record<string, LocalizedPair | LocalizedText>>,
  code: string,
  say: Say,
  otherwise: LocalizedPair = ['其他', 'Other'],
): string {
  return say((Object.hasOwn(words, code) ? words[code] : undefined) ?? otherwise)
}

export const flagNames: readonly LocalizedPair[] = [
  ['无', 'None'],
  ['红', 'Red'],
  ['黄', 'Yellow'],
  ['绿', 'Green'],
  ['蓝', 'Blue'],
  ['紫', 'Purple'],
]
